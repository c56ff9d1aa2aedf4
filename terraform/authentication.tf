# Only Google accounts can sign in. Herald decides which of them are members.
resource "google_identity_platform_config" "sign_in" {
  provider = google-beta

  authorized_domains = compact(["${var.project}.firebaseapp.com", "${var.project}.web.app", var.domain])

  sign_in {
    allow_duplicate_emails = false

    anonymous {
      enabled = false
    }

    email {
      enabled           = false
      password_required = true
    }
  }

  depends_on = [google_firebase_project.project]
}

resource "google_identity_platform_default_supported_idp_config" "google" {
  provider = google-beta
  count    = var.oauth_client_id == null ? 0 : 1

  idp_id        = "google.com"
  client_id     = var.oauth_client_id
  client_secret = var.oauth_client_secret
  enabled       = true

  # Nobody can sign in without it: a plan that removes it is refused.
  lifecycle {
    prevent_destroy = true
  }

  depends_on = [google_identity_platform_config.sign_in]
}

# To read an account, and nothing else: whether it was disabled, deleted or signed out since its token was issued.
resource "google_project_iam_custom_role" "accounts" {
  role_id     = "heraldAccounts"
  title       = "Herald: read the accounts that sign in"
  permissions = ["firebaseauth.users.get"]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "accounts" {
  for_each = { for name, one in module.topology.users : name => one if one.service == "accounts" }

  project = var.project
  role    = google_project_iam_custom_role.accounts.name
  member  = google_service_account.function[each.value.function].member
}
