# The right to call a model, and nothing else of Vertex AI.
resource "google_project_iam_custom_role" "gemini" {
  role_id     = "heraldGemini"
  title       = "Herald: call Gemini"
  permissions = ["aiplatform.endpoints.predict"]

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "gemini" {
  for_each = { for name, one in module.topology.users : name => one if one.service == "gemini" }

  project = var.project
  role    = google_project_iam_custom_role.gemini.name
  member  = google_service_account.function[each.value.function].member
}
