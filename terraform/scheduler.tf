# Once a minute, Cloud Scheduler publishes a tick for `campaigns.tick`.
resource "google_cloud_scheduler_job" "tick" {
  name      = "herald-tick"
  region    = var.region
  schedule  = "* * * * *"
  time_zone = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.topic["ticks"].id
    data       = base64encode(jsonencode({ version = 1 }))
  }

  depends_on = [google_project_service.api]
}

# And one for `members.move_audit`.
resource "google_cloud_scheduler_job" "audit_tick" {
  name      = "herald-audit-tick"
  region    = var.region
  schedule  = "* * * * *"
  time_zone = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.topic["audit-ticks"].id
    data       = base64encode(jsonencode({ version = 1 }))
  }

  depends_on = [google_project_service.api]
}

# And one for `webhooks.send_events`.
resource "google_cloud_scheduler_job" "event_tick" {
  name      = "herald-event-tick"
  region    = var.region
  schedule  = "* * * * *"
  time_zone = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.topic["event-ticks"].id
    data       = base64encode(jsonencode({ version = 1 }))
  }

  depends_on = [google_project_service.api]
}
