# Values are made here and written once; neither the plan nor the state ever holds them. A higher `secret_data_wo_version`
# writes a new one, which instances read when they start.
ephemeral "random_password" "callback" {
  length  = 32
  special = false
}

locals {
  secrets = {
    CALLBACK_SECRET = "whsec_${base64encode(ephemeral.random_password.callback.result)}"
  }
}

resource "google_secret_manager_secret" "secret" {
  for_each = module.topology.secrets

  secret_id = "herald-${replace(lower(each.key), "_", "-")}"

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
  for_each = module.topology.secrets

  secret                 = google_secret_manager_secret.secret[each.key].id
  secret_data_wo         = local.secrets[each.key]
  secret_data_wo_version = 1
  deletion_policy        = var.keep_data ? "ABANDON" : "DELETE"
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = module.topology.readers

  secret_id = google_secret_manager_secret.secret[each.value.secret].id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function[each.value.function].member
}
