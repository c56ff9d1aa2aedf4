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
    { title = "Time of a step, 95th percentile, seconds", filter = "${local.logged}/${google_logging_metric.metric["steps"].name}\"", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = "metric.label.step" },
    { title = "Calls to Gemini, per second", filter = "resource.type=\"aiplatform.googleapis.com/PublisherModel\" AND metric.type=\"aiplatform.googleapis.com/publisher/online_serving/model_invocation_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = "metric.label.response_code" },
    { title = "Stalled campaigns", filter = "${local.logged}/${google_logging_metric.metric["stalled_campaigns"].name}\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = "metric.label.campaign" },
    { title = "Documents written, per second", filter = "resource.type=\"firestore.googleapis.com/Database\" AND metric.type=\"firestore.googleapis.com/document/write_ops_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = "metric.label.op" },
    { title = "Documents read, per second", filter = "resource.type=\"firestore.googleapis.com/Database\" AND metric.type=\"firestore.googleapis.com/document/read_ops_count\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = "metric.label.type" },
  ]

  # The price of Gemini's tokens is that of functions/common/settings.py, or of the deployment's settings.
  prices = {
    input  = lookup(var.settings, "GEMINI_INPUT_PRICE", "0.30")
    output = lookup(var.settings, "GEMINI_OUTPUT_PRICE", "2.50")
  }
  sum_charts = [
    { title = "Receipts by kind, per minute", query = "sum by (kind) (increase(${local.sums["receipts"]}[1m]))" },
    { title = "Messages deferred, per minute", query = "sum by (reason) (increase(${local.sums["deferred"]}[1m]))" },
    { title = "Templates instead of Gemini's text, per minute", query = "sum by (reason) (increase(${local.sums["fallbacks"]}[1m]))" },
    { title = "Cost of Gemini, US $ per hour", query = "(sum(increase(${local.sums["gemini_input_tokens"]}[1h])) * ${local.prices.input} + sum(increase(${local.sums["gemini_output_tokens"]}[1h])) * ${local.prices.output}) / 1e6" },
  ]

  # Each with the query of its data: a filter with an aggregation, or PromQL.
  data_sets = concat(
    [
      for chart in local.charts : {
        title = chart.title
        query = jsonencode({
          timeSeriesFilter = {
            filter = chart.filter
            aggregation = {
              alignmentPeriod    = "60s"
              perSeriesAligner   = chart.aligner
              crossSeriesReducer = chart.reducer
              groupByFields      = [chart.by]
            }
          }
        })
      }
    ],
    [for chart in local.sum_charts : { title = chart.title, query = jsonencode({ prometheusQuery = chart.query }) }],
  )
}

resource "google_monitoring_dashboard" "herald" {
  dashboard_json = jsonencode({
    displayName = "Herald"
    mosaicLayout = {
      columns = 48
      tiles = [
        for number, chart in local.data_sets : {
          xPos   = number % 2 * 24
          yPos   = floor(number / 2) * 16
          width  = 24
          height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType        = "LINE"
                timeSeriesQuery = jsondecode(chart.query)
              }]
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.api]
}
