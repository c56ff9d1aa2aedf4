resource "google_pubsub_topic" "topic" {
  #checkov:skip=CKV_GCP_83:Google's own keys do; one of ours would cost money when idle and could be lost with the queue
  for_each = module.topology.topics

  name = each.key

  # Messages hold what customers are called and how they are reached.
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

# Pub/Sub itself moves what nobody could work off.
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
