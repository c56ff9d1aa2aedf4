# Five that every deployment decides.

variable "project" {
  description = "Id of an empty Google Cloud project with billing."
  type        = string
}

variable "region" {
  description = "Where everything runs and is stored."
  type        = string
  default     = "us-central1"
}

variable "domain" {
  description = "A domain of yours for the site, such as crm.example.com; null for PROJECT.web.app."
  type        = string
  default     = null
}

variable "first_admin" {
  description = "E-mail of the Google account that may do everything from the start. Alerts go there, too."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+$", var.first_admin))
    error_message = "The first admin is known by an e-mail address."
  }
}

variable "currency" {
  description = "What customers' spend is in, ISO 4217."
  type        = string

  validation {
    condition     = can(regex("^[A-Z]{3}$", var.currency))
    error_message = "A currency has three capital letters, such as INR."
  }
}

# What the OAuth consent screen brings: Google offers no way to create it but by hand (docs/deploy.md). Without it
# everything is deployed, and nobody can sign in yet.

variable "oauth_client_id" {
  description = "Of the OAuth client for signing in with Google."
  type        = string
  default     = null
}

variable "oauth_client_secret" {
  description = "Of the same client."
  type        = string
  default     = null
  sensitive   = true
}

# What most leave as it is.

variable "settings" {
  description = "Settings of the functions that have a default, by the variable's name in functions/common/settings.py."
  type        = map(string)
  default     = {}
}

variable "secret_versions" {
  description = "Which of `secrets` are given; a higher number writes a new value."
  type        = map(number)
  default     = {}
}

variable "secrets" {
  description = "Keys of vendors, by the variable's name in functions/common/settings.py. Best given as TF_VAR_secrets."
  type        = map(string)
  default     = {}
  ephemeral   = true
  sensitive   = true
}

variable "monthly_budget" {
  description = "In the billing account's currency: above half of it, nine tenths and all of it, an e-mail is sent."
  type        = number
  default     = 50
}

variable "keep_data" {
  description = "False takes the protection off the database and the secrets, so that `terraform destroy` removes them."
  type        = bool
  default     = true
}
