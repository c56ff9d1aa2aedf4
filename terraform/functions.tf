# One function per entry point, each with its own service account. Its rights are declared next to the resource that they
# are for: topics.tf, secrets.tf, firestore.tf, gemini.tf.
resource "google_service_account" "function" {
  for_each = module.topology.functions

  account_id   = each.value.account_id
  display_name = "Herald function ${each.key}"

  depends_on = [google_project_service.api]
}

resource "google_cloudfunctions2_function" "function" {
  for_each = module.topology.functions

  name        = each.value.name
  location    = var.region
  description = "Herald: ${each.key} of functions/${each.value.folder}"

  build_config {
    runtime           = "python313"
    entry_point       = each.key
    service_account   = google_service_account.builder.id
    docker_repository = google_artifact_registry_repository.functions.id

    source {
      storage_source {
        bucket = google_storage_bucket.bundles.name
        object = google_storage_bucket_object.bundle[each.value.folder].name
      }
    }
  }

  service_config {
    service_account_email            = google_service_account.function[each.key].email
    available_memory                 = each.value.memory
    available_cpu                    = each.value.cpu
    max_instance_request_concurrency = each.value.concurrency
    min_instance_count               = 0
    max_instance_count               = each.value.max_instances
    timeout_seconds                  = each.value.timeout_seconds
    ingress_settings                 = each.value.trigger == "http" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision   = true
    environment_variables            = each.value.environment

    dynamic "secret_environment_variables" {
      for_each = each.value.secrets

      content {
        key        = secret_environment_variables.value
        project_id = var.project
        secret     = google_secret_manager_secret.secret[secret_environment_variables.value].secret_id
        version    = "latest"
      }
    }
  }

  # A build needs its rights, an instance reads its secrets at the start, and new code may need a new index.
  depends_on = [
    google_firestore_index.index,
    google_secret_manager_secret_iam_member.reader,
    google_secret_manager_secret_version.secret,
    time_sleep.builder_rights,
  ]
}

# Hosting calls the functions without an identity. Each function checks the ID token or the signature itself.
resource "google_cloud_run_service_iam_member" "anybody" {
  #checkov:skip=CKV_GCP_102:Hosting has no identity of its own; these functions check an ID token or a signature themselves
  for_each = { for entry, one in module.topology.functions : entry => one if one.trigger == "http" }

  service  = google_cloudfunctions2_function.function[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

resource "google_cloud_run_service_iam_member" "pusher" {
  for_each = { for entry, one in module.topology.functions : entry => one if one.trigger == "pubsub" }

  service  = google_cloudfunctions2_function.function[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.pusher.member
}
