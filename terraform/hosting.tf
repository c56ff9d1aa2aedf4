# The site. Its content, rewrites and headers are in firebase.json and deployed by the Firebase CLI.
locals {
  address = "https://${var.domain == null ? "${var.project}.web.app" : var.domain}"
}

resource "google_firebase_project" "project" {
  provider = google-beta

  depends_on = [google_project_service.api]
}

resource "google_firebase_web_app" "site" {
  provider = google-beta

  display_name    = "Herald"
  deletion_policy = "DELETE"

  depends_on = [google_firebase_project.project]
}

# The project's default site: its configuration at /__/firebase/init.json is that of the web app.
resource "google_firebase_hosting_site" "site" {
  provider = google-beta

  site_id = var.project
  app_id  = google_firebase_web_app.site.app_id
}

resource "google_firebase_hosting_custom_domain" "domain" {
  provider = google-beta
  count    = var.domain == null ? 0 : 1

  site_id               = google_firebase_hosting_site.site.site_id
  custom_domain         = var.domain
  wait_dns_verification = false # the records to set are an output
}
