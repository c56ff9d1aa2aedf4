# Own subscriptions instead of function triggers: the hidden subscription of a trigger has no dead-letter topic and drops
# messages after a day.
resource "google_pubsub_subscription" "subscription" {
  for_each = module.topology.subscriptions

  name                       = each.key
  topic                      = google_pubsub_topic.topic[each.value.topic].id
  ack_deadline_seconds       = each.value.ack_deadline_seconds
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = each.value.endpoint

    oidc_token {
      service_account_email = google_service_account.pusher.email
      audience              = each.value.audience
    }
  }

  retry_policy {
    minimum_backoff = "${each.value.minimum_backoff_seconds}s"
    maximum_backoff = "${each.value.maximum_backoff_seconds}s"
  }

  # Without this, Pub/Sub deletes a subscription after 31 days without activity.
  expiration_policy {
    ttl = ""
  }

  dynamic "dead_letter_policy" {
    for_each = each.value.dead_letter_topic == null ? [] : [each.value.dead_letter_topic]

    content {
      dead_letter_topic     = google_pubsub_topic.topic[dead_letter_policy.value].id
      max_delivery_attempts = each.value.max_delivery_attempts
    }
  }

  depends_on = [time_sleep.pusher_rights]
}

# Google applies a new right within a minute. Pushes before that are refused, and slow the subscription down.
resource "time_sleep" "pusher_rights" {
  create_duration = "90s"

  triggers = {
    account = google_service_account.pusher.unique_id
  }

  depends_on = [
    google_cloud_run_service_iam_member.pusher,
    google_service_account_iam_member.pubsub_signs,
  ]
}

# The identity of Pub/Sub's pushes. Functions accept only tokens of this account.
resource "google_service_account" "pusher" {
  account_id   = split("@", module.topology.pusher)[0]
  display_name = "Pushes Herald's messages to its functions"

  depends_on = [google_project_service.api]
}

resource "google_service_account_iam_member" "pubsub_signs" {
  service_account_id = google_service_account.pusher.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_project_service_identity.pubsub.member
}

# To move a message to the dead-letter topic, Pub/Sub must acknowledge it on its subscription.
resource "google_pubsub_subscription_iam_member" "pubsub_moves" {
  for_each = { for name, one in module.topology.subscriptions : name => one if one.dead_letter_topic != null }

  subscription = google_pubsub_subscription.subscription[each.key].name
  role         = "roles/pubsub.subscriber"
  member       = google_project_service_identity.pubsub.member
}
