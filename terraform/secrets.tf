# Values are write-only: neither the plan nor the state contains them. A higher version writes a new value, which instances
# read at their next start.
ephemeral "random_password" "callback" {
  length  = 32
  special = false
}

ephemeral "random_password" "suppression" {
  length  = 32
  special = false
}

locals {
  # The key that signs the simulated vendor's callbacks. Only two of our own functions use it.
  secrets = merge(var.secrets, {
    CALLBACK_SECRET = "whsec_${base64encode(ephemeral.random_password.callback.result)}"

    # The key of the hashes of suppressed addresses. It must never change, so its version stays 1.
    SUPPRESSION_KEY = ephemeral.random_password.suppression.result
  })

  secret_versions = merge(var.secret_versions, local.own_secret_versions)

  # A secret that was written before keeps its value: Google gets this one only with a higher version, and the
  # precondition below refuses that.
  written_before = "written by an earlier deployment"

  own_secret_versions = {
    CALLBACK_SECRET = 1
    SUPPRESSION_KEY = 1
  }
}

resource "google_secret_manager_secret" "secret" {
  for_each = local.secret_versions

  secret_id = "herald-${replace(lower(each.key), "_", "-")}"

  deletion_protection = var.keep_data

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_version" "secret" {
  for_each = local.secret_versions

  secret                 = google_secret_manager_secret.secret[each.key].id
  secret_data_wo         = lookup(local.secrets, each.key, local.written_before)
  secret_data_wo_version = each.value
  deletion_policy        = var.keep_data ? "ABANDON" : "DELETE"
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = module.topology.readers

  secret_id = google_secret_manager_secret.secret[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}
