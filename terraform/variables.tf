# The five variables that every deployment sets.

variable "project" {
  description = "Id of an empty Google Cloud project with billing."
  type        = string
}

variable "region" {
  description = "The region where everything runs and is stored."
  type        = string
  default     = "us-central1"
}

variable "domain" {
  description = "Your own domain for the site, such as crm.example.com; null means PROJECT.web.app."
  type        = string
  default     = null
}

variable "first_admin" {
  description = "E-mail of the Google account that is an admin from the start. Alerts are sent there too."
  type        = string

  validation {
    condition     = can(regex("^[^@\\s]+@[^@\\s]+$", var.first_admin))
    error_message = "The first admin must be an e-mail address."
  }
}

variable "currency" {
  description = "The currency of the customers' spend, as an ISO 4217 code."
  type        = string

  validation {
    condition     = can(regex("^[A-Z]{3}$", var.currency))
    error_message = "A currency code has three capital letters, such as INR."
  }
}

# The OAuth client. Google allows it to be created only by hand (docs/deploy.md). Without it everything is deployed, but
# nobody can sign in.

variable "oauth_client_id" {
  description = "Id of the OAuth client for signing in with Google."
  type        = string
  default     = null

  validation {
    condition     = var.oauth_client_id != ""
    error_message = "Give the id of the OAuth client, or leave the variable out."
  }
}

variable "oauth_client_secret" {
  description = "Secret of the OAuth client."
  type        = string
  default     = null
  sensitive   = true
}

# Variables with a default that suits most deployments.

variable "settings" {
  description = "Optional settings of the functions, by the name of the environment variable in functions/common/settings.py."
  type        = map(string)
  default     = {}
}

variable "secret_versions" {
  description = "The version of each secret in `secrets`; a higher number writes a new value."
  type        = map(number)
  default     = {}
}

variable "secrets" {
  description = "Secrets of vendors, by the name of the environment variable in functions/common/settings.py. Pass them as TF_VAR_secrets."
  type        = map(string)
  default     = {}
  ephemeral   = true
  sensitive   = true
}

variable "size" {
  description = "How many instances the functions may have: small, medium or large (docs/deploy.md). Small fits the quota of a new project."
  type        = string
  default     = "small"
}

variable "functions" {
  description = "Memory and instances of single functions, by their name in topology.json, instead of those of the size."
  type = map(object({
    memory        = optional(string)
    max_instances = optional(number)
  }))
  default = {}
}

variable "point_in_time_recovery" {
  description = "Whether the database can be read as it was at any minute of the last seven days. Costs storage for each change."
  type        = bool
  default     = true
}

variable "billing_account" {
  description = "Id of the billing account for the budget; null means the project's own."
  type        = string
  default     = null
}

variable "monthly_budget" {
  description = "Monthly budget in the billing account's currency. An e-mail is sent at 50 %, 90 % and 100 % of it. Null means no budget."
  type        = number
  default     = 50
}

variable "keep_data" {
  description = "False removes the protection of the database and the secrets, so that `terraform destroy` deletes them."
  type        = bool
  default     = true
}
