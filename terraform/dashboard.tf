locals {
  pubsub = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription"
  run    = "resource.type=\"cloud_run_revision\" AND metric.type=\"run.googleapis.com"
  logged = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user"

  # In reading order: two in a row.
  charts = [
    { title = "Messages pushed, per second", filter = "${local.pubsub}/push_request_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = "resource.label.subscription_id" },
    { title = "Messages waiting", filter = "${local.pubsub}/num_undelivered_messages\"", aligner = "ALIGN_MEAN", reducer = "REDUCE_SUM", by = "resource.label.subscription_id" },
    { title = "Oldest message waiting, seconds", filter = "${local.pubsub}/oldest_unacked_message_age\"", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = "resource.label.subscription_id" },
    { title = "Time of a push, 95th percentile, microseconds", filter = "${local.pubsub}/push_request_latencies\"", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = "resource.label.subscription_id" },
    { title = "Responses of the functions, per second", filter = "${local.run}/request_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = "metric.label.response_code_class" },
    { title = "Instances", filter = "${local.run}/container/instance_count\"", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = "resource.label.service_name" },
    { title = "Dead letters", filter = "${local.logged}/${google_logging_metric.metric["dead_letters"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "metric.label.subscription" },
    { title = "Calls to Gemini without a usable response", filter = "${local.logged}/${google_logging_metric.metric["gemini_fallbacks"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "resource.label.service_name" },
    { title = "Calls to Gemini, per second", filter = "resource.type=\"aiplatform.googleapis.com/PublisherModel\" AND metric.type=\"aiplatform.googleapis.com/publisher/online_serving/model_invocation_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = "metric.label.response_code" },
    { title = "Stalled campaigns", filter = "${local.logged}/${google_logging_metric.metric["stalled_campaigns"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "metric.label.campaign" },
    { title = "Documents written, per second", filter = "resource.type=\"firestore.googleapis.com/Database\" AND metric.type=\"firestore.googleapis.com/document/write_ops_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = "metric.label.op" },
    { title = "Documents read, per second", filter = "resource.type=\"firestore.googleapis.com/Database\" AND metric.type=\"firestore.googleapis.com/document/read_ops_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = "metric.label.type" },
  ]
}

resource "google_monitoring_dashboard" "herald" {
  dashboard_json = jsonencode({
    displayName = "Herald"
    mosaicLayout = {
      columns = 48
      tiles = [
        for number, chart in local.charts : {
          xPos   = number % 2 * 24
          yPos   = floor(number / 2) * 16
          width  = 24
          height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.reducer
                      groupByFields      = [chart.by]
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.api]
}
