# What goes into a function's zip: its own folder at the top, and `common/` beside its modules, as on a laptop where
# functions/ is the source root. Needs no provider, so its tests run without a network.
terraform {
  required_version = ">= 1.9"
}

locals {
  folders = {
    ""        = "${var.root}/${var.function}"
    "common/" = "${var.root}/common"
  }
  left_out = "(^|/)([.][^/]*|__pycache__|tests)(/|$)"

  # path in the zip => path on disk
  sources = merge([
    for prefix, folder in local.folders : {
      for path in fileset(folder, "**") : "${prefix}${path}" => "${folder}/${path}"
      if length(regexall(local.left_out, path)) == 0
    }
  ]...)
  files = tomap({ for path, source in local.sources : path => file(source) })
}
