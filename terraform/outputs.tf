output "address" {
  description = "Where Herald is."
  value       = local.address
}

output "dns_records" {
  description = "What to set in the DNS of your own domain, until there is nothing left."
  value       = try(google_firebase_hosting_custom_domain.domain[0].required_dns_updates, [])
}

output "oauth_redirect_uri" {
  description = "What the OAuth client for signing in must allow."
  value       = "https://${var.project}.firebaseapp.com/__/auth/handler"
}

output "dashboard" {
  description = "How Herald is doing."
  value       = "https://console.cloud.google.com/monitoring/dashboards?project=${var.project}"
}
