# The functions' sources: composed at plan time, named by what is in them, so that a function is deployed again when,
# and only when, its own code or common/ has changed.
module "bundle" {
  source   = "./bundle"
  for_each = toset([for one in module.topology.functions : one.folder])

  root     = "${path.module}/../functions"
  function = each.key
}

data "archive_file" "bundle" {
  for_each = module.bundle

  type             = "zip"
  output_path      = "${path.module}/.bundles/${each.key}-${each.value.hash}.zip"
  output_file_mode = "0644"

  dynamic "source" {
    for_each = each.value.files

    content {
      filename = source.key
      content  = source.value
    }
  }
}

resource "google_storage_bucket" "bundles" {
  #checkov:skip=CKV_GCP_62:who reads the sources of an open repository is not worth a log
  #checkov:skip=CKV_GCP_78:an object is named by its hash, so there is only ever one version of it
  name                        = "${var.project}-herald-bundles"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # it holds nothing that is not in the repository

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_object" "bundle" {
  for_each = module.bundle

  bucket = google_storage_bucket.bundles.name
  name   = "${each.key}/${each.value.hash}.zip"
  source = data.archive_file.bundle[each.key].output_path
}

# The images that are built of them.
resource "google_artifact_registry_repository" "functions" {
  #checkov:skip=CKV_GCP_84:images hold no data, and Google encrypts them with its own keys
  repository_id          = "herald-functions"
  location               = var.region
  format                 = "DOCKER"
  description            = "Images of Herald's functions"
  cleanup_policy_dry_run = false

  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"

    condition {
      older_than = "604800s"
    }
  }

  cleanup_policies {
    id     = "keep-for-roll-back"
    action = "KEEP"

    most_recent_versions {
      keep_count = 2
    }
  }

  depends_on = [google_project_service.api]
}

# Who builds: an account that can read sources, write images and log, in place of the project's default editor.
resource "google_service_account" "builder" {
  account_id   = "herald-builder"
  display_name = "Builds Herald's functions"

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "builder_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.builder.member
}

# Cloud Functions copies each source into a bucket of its own before it is built.
resource "google_project_iam_member" "builder_reads" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.builder.member

  condition {
    title      = "Sources of functions only"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-${data.google_project.project.number}-\")"
  }
}

resource "google_artifact_registry_repository_iam_member" "builder_writes" {
  repository = google_artifact_registry_repository.functions.name
  location   = google_artifact_registry_repository.functions.location
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.builder.member
}
