# Derives addresses, environments and rights from the topology. It needs no provider, so its tests run without a network;
# other tests compare its outputs with the code.
terraform {
  required_version = ">= 1.11"
}

locals {
  # Names of functions and of their Cloud Run services have no underscore.
  names = { for entry, _ in var.topology.functions : entry => replace(entry, "_", "-") }

  # Cloud Run's deterministic address is known before the function exists. So it can be set as the audience of the
  # function's own tokens. Cloud Run accepts it as an audience too.
  urls = {
    for entry, name in local.names : entry => "https://${name}-${var.project_number}.${var.region}.run.app"
  }

  pusher = "herald-push@${var.project}.iam.gserviceaccount.com"

  # A function that must know which vendors there are gets their names, and not their secrets.
  configured = setunion([for name, value in var.settings : name if value != ""], var.secrets)
  settings = merge(var.settings, {
    VENDORS = join(",", [
      for name, required in var.topology.vendors : name if length(setsubtract(required, local.configured)) == 0
    ])
  })

  # How often Pub/Sub delivers a message to a function. At the last time the function itself writes the dead letter, with
  # the reason, which Pub/Sub does not know.
  attempts = {
    for one in var.topology.subscriptions : one.function => one.max_delivery_attempts if one.max_delivery_attempts != null
  }

  environments = {
    for entry, one in var.topology.functions : entry => tomap(merge(
      { LOG_EXECUTION_ID = "false" }, # otherwise the framework replaces our logs by its own
      { for name in one.settings : name => local.settings[name] if contains(keys(local.settings), name) },
      one.trigger == "pubsub" ? { PUSH_AUDIENCE = local.urls[entry], PUSH_IDENTITY = local.pusher } : {},
      contains(keys(local.attempts), entry) ? { PUSH_ATTEMPTS = tostring(local.attempts[entry]) } : {},
    ))
  }
}
