# The right to call a model, and nothing else of Vertex AI; with Model Armor, the right to ask it about a text.
resource "google_project_iam_custom_role" "gemini" {
  role_id = "heraldGemini"
  title   = "Herald: call Gemini"
  permissions = concat(
    ["aiplatform.endpoints.predict"],
    contains(keys(var.settings), "MODEL_ARMOR_TEMPLATE") ? ["modelarmor.templates.useToSanitizeModelResponse"] : [],
  )

  depends_on = [google_project_service.api]
}

resource "google_project_iam_member" "gemini" {
  for_each = { for name, one in module.topology.users : name => one if one.service == "gemini" }

  project = var.project
  role    = google_project_iam_custom_role.gemini.name
  member  = google_service_account.function[each.value.function].member
}
