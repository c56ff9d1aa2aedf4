variables {
  project        = "shop"
  project_number = "42"
  region         = "europe-west1"
  size           = "small"
  settings       = { GOOGLE_CLOUD_PROJECT = "shop", CURRENCY = "EUR" }
  secrets        = ["KEY"]

  topology = {
    vendors = { pigeon = [], truck = ["CURRENCY", "KEY"], ship = ["CURRENCY", "OTHER_KEY"] }
    functions = {
      orders = {
        folder    = "orders", trigger = "http", memory = "1Gi", cpu = "1", concurrency = 10, max_instances = { small = 2, large = 9 }, timeout_seconds = 60
        publishes = ["orders"], uses = [], settings = ["CURRENCY", "VENDORS"], secrets = ["KEY", "OTHER_KEY"]
      }
      pack_up = {
        folder    = "orders", trigger = "pubsub", memory = "1Gi", cpu = "1", concurrency = 10, max_instances = { small = 2, large = 9 }, timeout_seconds = 60
        publishes = ["lost"], uses = ["firestore"], settings = ["GOOGLE_CLOUD_PROJECT", "PACE"], secrets = []
      }
      find = {
        folder    = "orders", trigger = "pubsub", memory = "1Gi", cpu = "1", concurrency = 10, max_instances = { small = 2, large = 9 }, timeout_seconds = 60
        publishes = [], uses = [], settings = [], secrets = []
      }
    }
    topics = ["orders", "lost"]
    subscriptions = {
      orders = {
        topic                = "orders", function = "pack_up", dead_letter_topic = "lost", max_delivery_attempts = 5
        ack_deadline_seconds = 60, minimum_backoff_seconds = 5, maximum_backoff_seconds = 60
      }
      lost = {
        topic                = "lost", function = "find", dead_letter_topic = null, max_delivery_attempts = null
        ack_deadline_seconds = 60, minimum_backoff_seconds = 5, maximum_backoff_seconds = 60
      }
    }
    rewrites = [{ source = "/api/orders/**", function = "orders" }]
  }
}

run "works_out_addresses_and_rights" {
  command = plan

  assert {
    condition     = output.functions["pack_up"].url == "https://pack-up-42.europe-west1.run.app"
    error_message = "The address is Cloud Run's deterministic one: ${output.functions["pack_up"].url}"
  }

  assert {
    condition = output.functions["pack_up"].environment == tomap({
      GOOGLE_CLOUD_PROJECT = "shop"
      LOG_EXECUTION_ID     = "false"
      PUSH_ATTEMPTS        = "5"
      PUSH_AUDIENCE        = "https://pack-up-42.europe-west1.run.app"
      PUSH_IDENTITY        = "herald-push@shop.iam.gserviceaccount.com"
    })
    error_message = "A function is given what it reads and what has a value: ${jsonencode(output.functions["pack_up"].environment)}"
  }

  assert {
    condition     = output.functions["orders"].environment == tomap({ CURRENCY = "EUR", LOG_EXECUTION_ID = "false", VENDORS = "pigeon,truck" })
    error_message = "A function that reads VENDORS gets the vendors whose required settings have a value. What is called over HTTP knows nothing of pushes: ${jsonencode(output.functions["orders"].environment)}"
  }

  assert {
    condition     = output.subscriptions["orders"].endpoint == output.functions["pack_up"].url
    error_message = "A subscription pushes to its function."
  }

  assert {
    condition     = output.subscriptions["orders"].audience == output.functions["pack_up"].environment.PUSH_AUDIENCE
    error_message = "A token's audience is the one that the function expects."
  }

  assert {
    condition = (
      keys(output.publishers) == tolist(["orders/orders", "pack_up/lost"]) &&
      keys(output.readers) == tolist(["orders/KEY"]) &&
      keys(output.users) == tolist(["pack_up/firestore"])
    )
    error_message = "Rights are those of the definition, and no others."
  }

  assert {
    condition     = output.functions["orders"].secrets == toset(["KEY"])
    error_message = "A function is given the secrets that it reads and that have a value."
  }

  assert {
    condition     = output.functions["find"].max_instances == 2 && output.functions["find"].memory == "1Gi"
    error_message = "A function has the instances of the size, and its memory."
  }

  assert {
    condition     = output.dead_letter_topics == toset(["lost"])
    error_message = "Dead-letter topics are those that are named."
  }
}

run "uses_another_size_and_overrides" {
  command = plan

  variables {
    size      = "large"
    overrides = { find = { memory = "4Gi" }, pack_up = { max_instances = 3 } }
  }

  assert {
    condition = (
      output.functions["find"].memory == "4Gi" && output.functions["find"].max_instances == 9 &&
      output.functions["pack_up"].memory == "1Gi" && output.functions["pack_up"].max_instances == 3
    )
    error_message = "An override changes only what it names."
  }
}

run "refuses_an_unknown_size" {
  command = plan

  variables {
    size = "huge"
  }

  expect_failures = [var.size]
}

run "refuses_an_override_of_an_unknown_function" {
  command = plan

  variables {
    overrides = { fnd = { memory = "4Gi" } }
  }

  expect_failures = [var.overrides]
}

run "refuses_a_setting_nobody_reads" {
  command = plan

  variables {
    settings = { CURRENCY = "EUR", COLOUR = "red" }
  }

  expect_failures = [var.settings]
}

run "refuses_a_secret_nobody_reads" {
  command = plan

  variables {
    secrets = ["DIARY"]
  }

  expect_failures = [var.secrets]
}

run "refuses_a_topology_that_does_not_fit_together" {
  command = plan

  variables {
    topology = {
      functions = {}
      topics    = ["orders"]
      subscriptions = {
        orders = {
          topic                = "orders", function = "nobody", dead_letter_topic = null, max_delivery_attempts = null
          ack_deadline_seconds = 60, minimum_backoff_seconds = 5, maximum_backoff_seconds = 60
        }
      }
      rewrites = []
    }
    settings = {}
    secrets  = []
  }

  expect_failures = [var.topology]
}
