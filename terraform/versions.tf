# Terraform's state is in a bucket that `make deploy` creates in the project.
terraform {
  required_version = ">= 1.11" # write-only arguments

  backend "gcs" {
    prefix = "herald"
  }

  # tests/terraform checks these files against the oldest and the newest version of the Google providers that are allowed
  # here. `.terraform.lock.hcl` decides which one is used.
  required_providers {
    archive = {
      source  = "hashicorp/archive"
      version = "2.7.1"
    }
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50.0, < 8.0.0"
    }
    google-beta = {
      source  = "hashicorp/google-beta"
      version = ">= 6.50.0, < 8.0.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "3.7.2"
    }
    time = {
      source  = "hashicorp/time"
      version = "0.13.1"
    }
  }
}

provider "google" {
  project               = var.project
  region                = var.region
  billing_project       = var.project
  user_project_override = true
}

# Only this provider has Firebase's resources.
provider "google-beta" {
  project               = var.project
  region                = var.region
  billing_project       = var.project
  user_project_override = true
}

# Read during the plan: `make deploy` enables the APIs that this needs before it.
data "google_project" "project" {
  project_id = var.project
}
