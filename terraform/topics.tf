resource "google_pubsub_topic" "topic" {
  #checkov:skip=CKV_GCP_83:Google's own keys are enough; an own key costs money when idle, and without it the queue is lost
  for_each = module.topology.topics

  name = each.key

  # Messages contain names and addresses of customers.
  message_storage_policy {
    allowed_persistence_regions = [var.region]
  }

  depends_on = [google_project_service.api]
}

resource "google_pubsub_topic_iam_member" "publisher" {
  for_each = module.topology.publishers

  topic  = google_pubsub_topic.topic[each.value.topic].name
  role   = "roles/pubsub.publisher"
  member = google_service_account.function[each.value.function].member
}

# Pub/Sub itself publishes messages to the dead-letter topic.
resource "google_pubsub_topic_iam_member" "dead_letters" {
  for_each = module.topology.dead_letter_topics

  topic  = google_pubsub_topic.topic[each.key].name
  role   = "roles/pubsub.publisher"
  member = google_project_service_identity.pubsub.member
}

resource "google_project_service_identity" "pubsub" {
  provider = google-beta

  service = "pubsub.googleapis.com"

  depends_on = [google_project_service.api]
}
