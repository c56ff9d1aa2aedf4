# The functions' sources. Each bundle is composed at plan time and named by its hash, so a function is deployed again
# only if its own code or common/ has changed.
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
  #checkov:skip=CKV_GCP_62:an access log of open source code is not needed
  #checkov:skip=CKV_GCP_78:an object is named by its hash, so it never has a second version
  name                        = "${var.project}-herald-bundles"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true # everything in it is also in the repository

  depends_on = [google_project_service.api]
}

resource "google_storage_bucket_object" "bundle" {
  for_each = module.bundle

  bucket = google_storage_bucket.bundles.name
  name   = "${each.key}/${each.value.hash}.zip"
  source = data.archive_file.bundle[each.key].output_path

  lifecycle {
    create_before_destroy = true # the deployed function still refers to the old one
  }
}

# The images that are built from the sources.
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

# Google applies a new right within a minute. A build that starts earlier fails.
resource "time_sleep" "builder_rights" {
  create_duration = "90s"

  triggers = {
    account = google_service_account.builder.unique_id
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.builder_writes,
    google_project_iam_member.builder_logs,
    google_project_iam_member.builder_reads,
  ]
}

# The build account. It may read sources, write images and write logs, unlike the default account, which is an editor.
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

# Cloud Functions copies each source into its own bucket before the build.
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
