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

  environments = {
    for entry, one in var.topology.functions : entry => tomap(merge(
      { for name in one.settings : name => local.settings[name] if contains(keys(local.settings), name) },
      one.trigger == "pubsub" ? { PUSH_AUDIENCE = local.urls[entry], PUSH_IDENTITY = local.pusher } : {},
    ))
  }
}
