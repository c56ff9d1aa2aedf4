output "files" {
  description = "Path in the zip => text. A file that is not UTF-8 is an error: a bundle holds text only."
  value       = local.files
}

output "hash" {
  description = "Changes when, and only when, a path or a text does: the name of the zip in its bucket."
  value       = sha256(jsonencode(local.files))
}
