output "functions" {
  description = "By entry point: its definition, its name, its address, its service account and its environment."
  value = {
    for entry, one in var.topology.functions : entry => merge(one, {
      name          = local.names[entry]
      url           = local.urls[entry]
      account_id    = "herald-${local.names[entry]}"
      environment   = local.environments[entry]
      secrets       = setintersection(one.secrets, var.secrets)
      memory        = coalesce(try(var.overrides[entry].memory, null), one.memory)
      max_instances = coalesce(try(var.overrides[entry].max_instances, null), one.max_instances[var.size])
    })
  }
}

output "topics" {
  description = "The names of all topics."
  value       = var.topology.topics
}

output "subscriptions" {
  description = "By name: its definition, with the address to push to and the audience of the tokens."
  value = {
    for name, one in var.topology.subscriptions : name => merge(one, {
      endpoint = local.urls[one.function]
      audience = local.environments[one.function].PUSH_AUDIENCE
    })
  }
}

output "pusher" {
  description = "The service account that the subscriptions push as."
  value       = local.pusher
}

output "publishers" {
  description = "Which function may publish to which topic."
  value = tomap(merge([
    for entry, one in var.topology.functions : {
      for topic in one.publishes : "${entry}/${topic}" => { function = entry, topic = topic }
    }
  ]...))
}

output "readers" {
  description = "Which function may read which secret."
  value = tomap(merge([
    for entry, one in var.topology.functions : {
      for secret in setintersection(one.secrets, var.secrets) : "${entry}/${secret}" => { function = entry, secret = secret }
    }
  ]...))
}

output "users" {
  description = "Which function may use which of the two databases, the accounts of members, and Gemini."
  value = tomap(merge([
    for entry, one in var.topology.functions : {
      for service in one.uses : "${entry}/${service}" => { function = entry, service = service }
    }
  ]...))
}

output "dead_letter_topics" {
  description = "Topics that Pub/Sub itself must be able to publish to."
  value       = toset([for one in var.topology.subscriptions : one.dead_letter_topic if one.dead_letter_topic != null])
}
