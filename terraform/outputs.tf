output "address" {
  description = "The address of the site."
  value       = local.address
}

output "dns_records" {
  description = "The DNS records that your own domain still needs; empty when all are set."
  value       = try(google_firebase_hosting_custom_domain.domain[0].required_dns_updates, [])
}

output "oauth_redirect_uri" {
  description = "The redirect address that the OAuth client must allow."
  value       = "https://${var.project}.firebaseapp.com/__/auth/handler"
}

output "dashboard" {
  description = "The address of the dashboard."
  value       = "https://console.cloud.google.com/monitoring/dashboards?project=${var.project}"
}
