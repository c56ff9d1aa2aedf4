# What is deployed, and what the local stack runs: one definition for both.
module "topology" {
  source = "./topology"

  topology       = jsondecode(file("${path.module}/topology.json"))
  project        = var.project
  project_number = data.google_project.project.number
  region         = var.region
  settings       = merge(var.settings, local.settings)
  secrets        = keys(local.secret_versions)
}

locals {
  settings = {
    GOOGLE_CLOUD_PROJECT = var.project
    PUBLIC_URL           = local.address
    FIRST_ADMIN          = var.first_admin
    CURRENCY             = var.currency
  }
}
