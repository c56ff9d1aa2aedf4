# What is deployed, and what the local stack runs: one definition for both.
module "topology" {
  source = "./topology"

  topology       = jsondecode(file("${path.module}/topology.json"))
  project        = var.project
  project_number = data.google_project.project.number
  region         = var.region
  size           = var.size
  overrides      = var.functions
  settings       = merge(local.default_settings, var.settings, local.settings)
  secrets        = keys(local.secret_versions)
}

locals {
  # Texts with names of customers stay in the region of the data, unless `settings` says otherwise.
  default_settings = {
    GEMINI_LOCATION = var.region
  }

  settings = {
    GOOGLE_CLOUD_PROJECT = var.project
    PUBLIC_URL           = local.address
    FIRST_ADMIN          = var.first_admin
    CURRENCY             = var.currency
    ACCESS_DATABASE      = google_firestore_database.access.name
  }
}
