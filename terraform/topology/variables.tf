variable "topology" {
  description = "The content of topology.json: the functions, topics, subscriptions and rewrites. The local stack reads it too."
  type = object({
    # By entry point. Functions are asynchronous: one process, without a thread setting.
    functions = map(object({
      folder          = string      # under functions/
      trigger         = string      # "http": called through Hosting; "pubsub": called only by its subscription
      memory          = string      # "512Mi"
      cpu             = string      # at least "1", or concurrency cannot be above 1
      concurrency     = number      # requests in one instance at a time: group commit combines these
      max_instances   = map(number) # by size; each handles up to `concurrency` requests; there are none when idle
      timeout_seconds = number      # Hosting allows 60 for a rewritten request
      publishes       = set(string) # the topics its service account may publish to
      uses            = set(string) # "access" (reads that database), "access-writer", "accounts", "firestore", "gemini"
      settings        = set(string) # the variables it reads, besides those of every Pub/Sub entry point
      secrets         = set(string) # the variables it reads from Secret Manager
    }))
    vendors = optional(map(set(string)), {}) # the settings and secrets without which a deployment does not have the vendor
    topics  = set(string)
    subscriptions = map(object({
      topic                   = string
      function                = string
      dead_letter_topic       = string # null only for the dead letters' own subscription
      max_delivery_attempts   = number
      ack_deadline_seconds    = number # also the time limit of a push
      minimum_backoff_seconds = number
      maximum_backoff_seconds = number
    }))
    rewrites = list(object({
      source   = string # a glob of Firebase Hosting; the first match is used
      function = string
    }))
  })

  validation {
    condition     = alltrue([for one in var.topology.functions : contains(["http", "pubsub"], one.trigger)])
    error_message = "A function's trigger is \"http\" or \"pubsub\"."
  }

  validation {
    condition     = alltrue([for one in var.topology.functions : length(setsubtract(one.uses, ["access", "access-writer", "accounts", "firestore", "firestore-reader", "gemini"])) == 0])
    error_message = "A function uses \"access\", \"access-writer\", \"accounts\", \"firestore\", \"firestore-reader\", \"gemini\", or none of them."
  }

  validation {
    condition     = alltrue([for one in var.topology.functions : one.folder == "members" || !contains(one.uses, "access-writer")])
    error_message = "Only the functions of the folder members may write the access database."
  }

  validation {
    condition     = alltrue([for one in var.topology.functions : length(setsubtract(one.publishes, var.topology.topics)) == 0])
    error_message = "A function publishes to a topic that does not exist."
  }

  validation {
    condition = alltrue([for one in var.topology.subscriptions : contains(var.topology.topics, one.topic) && (
      one.dead_letter_topic == null ? true : contains(var.topology.topics, one.dead_letter_topic)
    )])
    error_message = "A subscription refers to a topic that does not exist."
  }

  validation {
    condition = alltrue([for one in var.topology.subscriptions :
      try(var.topology.functions[one.function].trigger, "") == "pubsub"
    ])
    error_message = "A subscription pushes to a function that does not exist or is not triggered by Pub/Sub."
  }

  validation {
    condition     = sort([for one in var.topology.subscriptions : one.topic]) == sort(var.topology.topics)
    error_message = "Each topic must have exactly one subscription: messages of a topic without one are lost."
  }

  validation {
    condition = alltrue([for one in var.topology.subscriptions :
      one.dead_letter_topic != null || contains([for other in var.topology.subscriptions : other.dead_letter_topic == null ? "" : other.dead_letter_topic], one.topic)
    ])
    error_message = "Only the subscription of the dead-letter topic may have no dead-letter topic: any other would drop messages."
  }

  validation {
    condition = alltrue([for one in var.topology.subscriptions :
      one.ack_deadline_seconds <= try(var.topology.functions[one.function].timeout_seconds, 0)
    ])
    error_message = "A function's time-out must not be shorter than its subscription's deadline."
  }

  validation {
    condition = alltrue([for one in var.topology.rewrites :
      try(var.topology.functions[one.function].trigger, "") == "http"
    ])
    error_message = "A rewrite leads to a function that does not exist or is not called over HTTP."
  }
}

variable "size" {
  description = "Which of the sizes in `max_instances` is deployed."
  type        = string

  validation {
    condition     = alltrue([for one in var.topology.functions : contains(keys(one.max_instances), var.size)])
    error_message = "The sizes are ${join(", ", distinct(flatten([for one in var.topology.functions : keys(one.max_instances)])))}."
  }
}

variable "overrides" {
  description = "Memory and instances of single functions, instead of those of the size."
  type        = map(object({ memory = optional(string), max_instances = optional(number) }))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.overrides), keys(var.topology.functions))) == 0
    error_message = "There is no function ${join(", ", setsubtract(keys(var.overrides), keys(var.topology.functions)))}."
  }
}

variable "project" {
  description = "The project's id."
  type        = string
}

variable "project_number" {
  description = "The project's number, which is part of the functions' addresses."
  type        = string
}

variable "region" {
  description = "The region of the functions."
  type        = string
}

variable "secrets" {
  description = "Names of the secrets that have a value. A function gets those that it reads."
  type        = set(string)

  validation {
    condition     = length(setsubtract(var.secrets, flatten([for one in var.topology.functions : tolist(one.secrets)]))) == 0
    error_message = "No function reads ${join(", ", setsubtract(var.secrets, flatten([for one in var.topology.functions : tolist(one.secrets)])))}."
  }
}

variable "settings" {
  description = "Values of settings, by the name of the variable. A function gets those that it reads."
  type        = map(string)

  validation {
    condition     = length(setsubtract(keys(var.settings), flatten([for one in var.topology.functions : tolist(one.settings)]))) == 0
    error_message = "No function reads ${join(", ", setsubtract(keys(var.settings), flatten([for one in var.topology.functions : tolist(one.settings)])))}."
  }
}
