# What follows from the topology: addresses, environments, and who may do what. Needs no provider, so its tests run
# without a network, and tests compare what comes out with what the code does.
terraform {
  required_version = ">= 1.11"
}

locals {
  # Names of functions and of their Cloud Run services have no underscore.
  names = { for entry, _ in var.topology.functions : entry => replace(entry, "_", "-") }

  # Cloud Run's deterministic address is known before the function exists. So a function can be told the audience of its
  # own tokens, which is this address, without waiting for itself. Cloud Run takes it as an audience too.
  urls = {
    for entry, name in local.names : entry => "https://${name}-${var.project_number}.${var.region}.run.app"
  }

  pusher = "herald-push@${var.project}.iam.gserviceaccount.com"

  environments = {
    for entry, one in var.topology.functions : entry => tomap(merge(
      { for name in one.settings : name => var.settings[name] if contains(keys(var.settings), name) },
      one.trigger == "pubsub" ? { PUSH_AUDIENCE = local.urls[entry], PUSH_IDENTITY = local.pusher } : {},
    ))
  }
}
