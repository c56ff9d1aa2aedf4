resource "google_monitoring_notification_channel" "admin" {
  display_name = "Herald's first admin"
  type         = "email"
  labels       = { email_address = var.first_admin }

  depends_on = [google_project_service.api]
}

# Metrics of log entries, by the stable name in their field `event`, for the charts of the dashboard. Without `value`, the
# entries are counted. Otherwise it is the field with a number: one entry is about many messages, and the metric is the
# distribution of these numbers, which has their sum too. Each metric is explained in docs/operations.md.
locals {
  log_metrics = {
    dead_letters         = { event = "dead_letter", label = "subscription", value = null }
    stalled_campaigns    = { event = "campaign_stalled", label = "campaign", value = null }
    receipts             = { event = "receipts_recorded", label = "kind", value = "receipts" }
    steps                = { event = "span", label = "step", value = "seconds" }
    fallbacks            = { event = "gemini_fallback", label = "reason", value = "recipients" }
    deferred             = { event = "messages_deferred", label = "reason", value = "messages" }
    gemini_input_tokens  = { event = "gemini_used", label = null, value = "input_tokens" }
    gemini_output_tokens = { event = "gemini_used", label = null, value = "output_tokens" }
  }

  # The sums in PromQL, which is the only language that has the sum of a distribution.
  sums = {
    for key, metric in google_logging_metric.metric :
    key => "logging_googleapis_com:user_${replace(metric.name, "/", "_")}_sum{monitored_resource=\"cloud_run_revision\"}"
  }
}

resource "google_logging_metric" "metric" {
  for_each = local.log_metrics

  name   = "herald/${each.key}"
  filter = "resource.type=\"cloud_run_revision\" AND jsonPayload.event=\"${each.value.event}\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = each.value.value == null ? "INT64" : "DISTRIBUTION"

    dynamic "labels" {
      for_each = each.value.label == null ? [] : [each.value.label]

      content {
        key        = labels.value
        value_type = "STRING"
      }
    }
  }

  label_extractors = each.value.label == null ? null : {
    (each.value.label) = "EXTRACT(jsonPayload.${each.value.label})"
  }

  value_extractor = each.value.value == null ? null : "EXTRACT(jsonPayload.${each.value.value})"

  # From a millisecond on, each bucket 1.4 times as large as the one before: seconds, numbers of messages and tokens.
  dynamic "bucket_options" {
    for_each = each.value.value == null ? [] : [each.value.value]

    content {
      exponential_buckets {
        num_finite_buckets = 64
        growth_factor      = 1.4
        scale              = 0.001
      }
    }
  }

  depends_on = [google_project_service.api]
}

# Alerts on single log entries, by the name in their field `event`. They need no metric, which would be unknown to alerts
# for the first minutes, and cost nothing for each time series.
locals {
  log_alerts = {
    dead_letter = {
      title  = "Messages were dead-lettered"
      advice = "Some people in a campaign did not get their message. The log entry \"dead_letter\" has the ids, the reason without addresses, and the name of the document in the collection dead_letters, which has the message if it is recorded nowhere else."
    }
    tick_duty_failed = {
      title  = "A duty of the tick fails"
      advice = "The log entry \"tick_duty_failed\" names the duty or the campaign, and has the error. A campaign that cannot be checked is neither finished nor resumed. The others continue."
    }
    audience_too_large = {
      title  = "The audience index does not fit in the memory of an instance"
      advice = "Previews, launches and searches of customers are refused, and nothing is lost. Give the function that wrote the log entry \"audience_too_large\" more memory (docs/deploy.md)."
    }
    counter_discrepancy = {
      title  = "A campaign's counters differ from its receipts"
      advice = "This must never happen. Keep the log entry \"counter_discrepancy\" and report it."
    }
    outcome_unknown = {
      title  = "Nobody knows whether people were reached"
      advice = "The vendor may have accepted messages, and did not say so. They are not sent again by themselves: the campaign's page shows them, and a manager decides there. The log entry \"outcome_unknown\" names the campaign."
    }
    pending_negative = {
      title  = "A campaign has more outcomes than people"
      advice = "This must never happen. Keep the log entry \"pending_negative\" and report it."
    }
    suppression_key_changed = {
      title  = "SUPPRESSION_KEY was changed: nothing is sent"
      advice = "With another key nobody's suppression would be found. Make the first version of the secret the latest again (docs/operations.md)."
    }
    vendor_misconfigured = {
      title  = "A vendor's settings are wrong: its messages wait"
      advice = "The vendor refuses every message, for example because its secret was changed. Nobody has failed: correct the settings, and the messages are sent. The log entry \"vendor_misconfigured\" has the reason."
    }
  }
}

resource "google_monitoring_alert_policy" "log_alert" {
  for_each = local.log_alerts

  display_name          = "Herald: ${each.value.title}"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.admin.name]

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }

  conditions {
    display_name = each.value.title

    condition_matched_log {
      filter = "resource.type=\"cloud_run_revision\" AND jsonPayload.event=\"${each.key}\""
    }
  }

  alert_strategy {
    auto_close = "86400s"

    notification_rate_limit {
      period = "3600s"
    }
  }
}

locals {
  # A share is one filter's rate over another's. Fan-out and ticks take long by design and texts wait for Gemini, so only
  # the subscriptions where a slow answer narrows the window are watched for it.
  alerts = {
    unacknowledged = {
      title     = "A tick or a dead letter has waited for more than ten minutes"
      advice    = "These are processed at once. The function of this subscription refuses messages or is too slow. Look at its log, then at its instances."
      filter    = "resource.type=\"pubsub_subscription\" AND resource.label.subscription_id=one_of(\"ticks\",\"audit-ticks\",\"event-ticks\",\"dead-letters\") AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      total     = null
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      group_by  = ["resource.label.subscription_id"]
      threshold = 600
      duration  = "300s"
    }
    backlog = {
      title     = "A message of a campaign has waited for twelve hours"
      advice    = "Large campaigns wait for hours by design, for example for Gemini's quota, but none waits this long (docs/deploy.md). Look at the log of the function of this subscription."
      filter    = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\""
      total     = null
      aligner   = "ALIGN_MAX"
      reducer   = "REDUCE_MAX"
      group_by  = [] # one time series: each of them costs
      threshold = 43200
      duration  = "300s"
    }
    memory = {
      title     = "A function uses nearly all of its memory"
      advice    = "An instance that has no memory left is stopped, and its requests are tried again. Give the function more memory (`functions` in terraform.tfvars, docs/deploy.md)."
      filter    = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/container/memory/utilizations\""
      total     = null
      aligner   = "ALIGN_PERCENTILE_99"
      reducer   = "REDUCE_MAX"
      group_by  = ["resource.label.service_name"]
      threshold = 0.9
      duration  = "300s"
    }
    errors = {
      title     = "A function responds with errors"
      advice    = "More than one response in five was an error for a quarter of an hour. Refused pushes count too: Pub/Sub delivers those again."
      filter    = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/request_count\" AND metric.label.response_code_class=\"5xx\""
      total     = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com/request_count\""
      aligner   = "ALIGN_RATE"
      reducer   = "REDUCE_SUM"
      group_by  = ["resource.label.service_name"]
      threshold = 0.2
      duration  = "900s"
    }
    slow_pushes = {
      title     = "Pushes take more than a second"
      advice    = "Pub/Sub reduces its push rate when responses take longer than a second. Firestore or the vendor is slow."
      filter    = "resource.type=\"pubsub_subscription\" AND resource.label.subscription_id=one_of(\"deliveries\",\"receipts\") AND metric.type=\"pubsub.googleapis.com/subscription/push_request_latencies\""
      total     = null
      aligner   = "ALIGN_PERCENTILE_95"
      reducer   = "REDUCE_MAX"
      group_by  = ["resource.label.subscription_id"]
      threshold = 1000000 # microseconds
      duration  = "600s"
    }
    gemini_refusals = {
      title     = "Gemini refuses calls: the quota is used up"
      advice    = "More than one call in ten got the status 429. These people get the template. Request more quota (docs/deploy.md)."
      filter    = "resource.type=\"aiplatform.googleapis.com/PublisherModel\" AND metric.type=\"aiplatform.googleapis.com/publisher/online_serving/model_invocation_count\" AND metric.label.response_code=\"429\""
      total     = "resource.type=\"aiplatform.googleapis.com/PublisherModel\" AND metric.type=\"aiplatform.googleapis.com/publisher/online_serving/model_invocation_count\""
      aligner   = "ALIGN_RATE"
      reducer   = "REDUCE_SUM"
      group_by  = ["resource.label.model_user_id"]
      threshold = 0.1
      duration  = "300s"
    }
  }
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  display_name          = "Herald: ${each.value.title}"
  combiner              = "OR"
  notification_channels = [google_monitoring_notification_channel.admin.name]

  documentation {
    mime_type = "text/markdown"
    content   = each.value.advice
  }

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter             = each.value.filter
      denominator_filter = each.value.total
      comparison         = "COMPARISON_GT"
      threshold_value    = each.value.threshold
      duration           = each.value.duration

      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = each.value.aligner
        cross_series_reducer = each.value.reducer
        group_by_fields      = each.value.group_by
      }

      dynamic "denominator_aggregations" {
        for_each = each.value.total == null ? [] : [each.value]

        content {
          alignment_period     = "300s"
          per_series_aligner   = denominator_aggregations.value.aligner
          cross_series_reducer = denominator_aggregations.value.reducer
          group_by_fields      = denominator_aggregations.value.group_by
        }
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }
}
