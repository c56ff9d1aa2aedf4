# Needs the right to set budgets on the billing account (roles/billing.costsManager). Without it, `monthly_budget = null`.
resource "google_billing_budget" "month" {
  count = var.monthly_budget == null ? 0 : 1

  billing_account = coalesce(var.billing_account, data.google_project.project.billing_account)
  display_name    = "Herald in ${var.project}"

  budget_filter {
    projects = ["projects/${data.google_project.project.number}"]
  }

  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]

    content {
      threshold_percent = threshold_rules.value
    }
  }

  all_updates_rule {
    monitoring_notification_channels = [google_monitoring_notification_channel.admin.id]
  }

  depends_on = [google_project_service.api]
}
