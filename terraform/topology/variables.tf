variable "topology" {
  description = "What topology.json holds: the functions, topics, subscriptions and rewrites that the local stack runs too."
  type = object({
    # By entry point. Functions are asynchronous: one process, no threads of its own to set.
    functions = map(object({
      folder          = string      # under functions/
      trigger         = string      # "http": called through Hosting; "pubsub": pushed to by its subscription alone
      memory          = string      # "512Mi"
      cpu             = string      # at least "1", or concurrency cannot be above 1
      concurrency     = number      # requests in one instance at a time: what group commit gathers from
      max_instances   = number      # each holds up to `concurrency` requests, none are kept when idle
      timeout_seconds = number      # Hosting gives a rewritten request 60
      publishes       = set(string) # the topics its service account may publish to
      uses            = set(string) # "firestore", "gemini"
      settings        = set(string) # the variables it reads, beside those every Pub/Sub entry point reads
      secrets         = set(string) # the variables it reads from Secret Manager
    }))
    topics = set(string)
    subscriptions = map(object({
      topic                   = string
      function                = string
      dead_letter_topic       = string # null only where dead letters end
      max_delivery_attempts   = number
      ack_deadline_seconds    = number # also the time a push may take
      minimum_backoff_seconds = number
      maximum_backoff_seconds = number
    }))
    rewrites = list(object({
      source   = string # a glob of Firebase Hosting; the first that matches counts
      function = string
    }))
  })

  validation {
    condition     = alltrue([for one in var.topology.functions : contains(["http", "pubsub"], one.trigger)])
    error_message = "A function's trigger is \"http\" or \"pubsub\"."
  }

  validation {
    condition     = alltrue([for one in var.topology.functions : length(setsubtract(one.uses, ["firestore", "gemini"])) == 0])
    error_message = "A function uses \"firestore\", \"gemini\", or none of them."
  }

  validation {
    condition     = alltrue([for one in var.topology.functions : length(setsubtract(one.publishes, var.topology.topics)) == 0])
    error_message = "A function publishes to a topic that does not exist."
  }

  validation {
    condition = alltrue([for one in var.topology.subscriptions : contains(var.topology.topics, one.topic) && (
      one.dead_letter_topic == null ? true : contains(var.topology.topics, one.dead_letter_topic)
    )])
    error_message = "A subscription names a topic that does not exist."
  }

  validation {
    condition = alltrue([for one in var.topology.subscriptions :
      try(var.topology.functions[one.function].trigger, "") == "pubsub"
    ])
    error_message = "A subscription pushes to a function that is not there or not triggered by Pub/Sub."
  }

  validation {
    condition     = sort([for one in var.topology.subscriptions : one.topic]) == sort(var.topology.topics)
    error_message = "Each topic has exactly one subscription: what nobody subscribes to is lost."
  }

  validation {
    condition = alltrue([for one in var.topology.subscriptions :
      one.dead_letter_topic != null || contains([for other in var.topology.subscriptions : other.dead_letter_topic == null ? "" : other.dead_letter_topic], one.topic)
    ])
    error_message = "A subscription without dead letters drops messages: only the one where dead letters end has none."
  }

  validation {
    condition = alltrue([for one in var.topology.subscriptions :
      one.ack_deadline_seconds <= try(var.topology.functions[one.function].timeout_seconds, 0)
    ])
    error_message = "A function gives up before its subscription does."
  }

  validation {
    condition = alltrue([for one in var.topology.rewrites :
      try(var.topology.functions[one.function].trigger, "") == "http"
    ])
    error_message = "A rewrite leads to a function that is not there or not called over HTTP."
  }
}

variable "project" {
  description = "The project's id."
  type        = string
}

variable "project_number" {
  description = "The project's number: part of the functions' addresses."
  type        = string
}

variable "region" {
  description = "Where the functions run."
  type        = string
}

variable "secrets" {
  description = "Names of the secrets that have a value. A function is given those that it reads."
  type        = set(string)

  validation {
    condition     = length(setsubtract(var.secrets, flatten([for one in var.topology.functions : tolist(one.secrets)]))) == 0
    error_message = "No function reads ${join(", ", setsubtract(var.secrets, flatten([for one in var.topology.functions : tolist(one.secrets)])))}."
  }
}

variable "settings" {
  description = "Values of settings, by the variable's name. A function is given those that it reads."
  type        = map(string)

  validation {
    condition     = length(setsubtract(keys(var.settings), flatten([for one in var.topology.functions : tolist(one.settings)]))) == 0
    error_message = "No function reads ${join(", ", setsubtract(keys(var.settings), flatten([for one in var.topology.functions : tolist(one.settings)])))}."
  }
}
