# Lets GitHub Actions of one repository deploy tags, without a key: GitHub's own identity tokens are exchanged for those
# of a service account (Workload Identity Federation). Applied once, by an owner of the project (docs/deploy.md).
terraform {
  required_version = ">= 1.11"

  backend "gcs" {
    prefix = "github"
  }

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50.0, < 8.0.0"
    }
  }
}

variable "project" {
  description = "Id of the project that Herald is deployed into."
  type        = string
}

variable "repository" {
  description = "The repository that may deploy, such as your-name/herald."
  type        = string

  validation {
    condition     = can(regex("^[\\w.-]+/[\\w.-]+$", var.repository))
    error_message = "The repository has an owner and a name, such as your-name/herald."
  }
}

provider "google" {
  project               = var.project
  billing_project       = var.project
  user_project_override = true
}

resource "google_project_service" "api" {
  for_each = toset(["iam.googleapis.com", "iamcredentials.googleapis.com", "sts.googleapis.com"])

  service            = each.key
  disable_on_destroy = false
}

resource "google_iam_workload_identity_pool" "github" {
  workload_identity_pool_id = "herald-github"
  display_name              = "GitHub Actions"

  depends_on = [google_project_service.api]
}

# Only tags of this repository, from a workflow in its environment `production`, whose rules GitHub checks.
resource "google_iam_workload_identity_pool_provider" "github" {
  #checkov:skip=CKV_GCP_125:the condition names the repository, which is a variable that checkov does not know
  workload_identity_pool_id          = google_iam_workload_identity_pool.github.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"

  attribute_mapping = {
    "google.subject"       = "assertion.sub"
    "attribute.repository" = "assertion.repository"
  }

  attribute_condition = "assertion.repository == '${var.repository}' && assertion.ref.startsWith('refs/tags/v') && assertion.environment == 'production'"

  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account" "deployer" {
  account_id   = "herald-deployer"
  display_name = "Deploys Herald from GitHub"

  depends_on = [google_project_service.api]
}

# It creates service accounts and grants their rights, so it owns the project, like a person who deploys.
resource "google_project_iam_member" "deployer" {
  #checkov:skip=CKV_GCP_49:it manages the functions' service accounts, as a person who deploys does
  #checkov:skip=CKV_GCP_117:the same
  project = var.project
  role    = "roles/owner"
  member  = google_service_account.deployer.member
}

resource "google_service_account_iam_member" "github" {
  service_account_id = google_service_account.deployer.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.github.name}/attribute.repository/${var.repository}"
}

output "workload_identity_provider" {
  description = "For the variable GOOGLE_PROVIDER of the workflow."
  value       = google_iam_workload_identity_pool_provider.github.name
}

output "service_account" {
  description = "For the variable GOOGLE_SERVICE_ACCOUNT of the workflow."
  value       = google_service_account.deployer.email
}
