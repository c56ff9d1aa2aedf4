resource "google_firestore_database" "database" {
  name                              = "(default)" # only this one has free operations each day
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = var.point_in_time_recovery ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = var.keep_data ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.keep_data ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.api]
}

# Who may sign in, API keys, and the audit log. A right is for a whole database: so no other function than `members` can
# write these.
resource "google_firestore_database" "access" {
  name                              = "herald-access"
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "OPTIMISTIC"
  point_in_time_recovery_enablement = var.point_in_time_recovery ? "POINT_IN_TIME_RECOVERY_ENABLED" : "POINT_IN_TIME_RECOVERY_DISABLED"
  delete_protection_state           = var.keep_data ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.keep_data ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.api]
}

resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.database.name
  retention = "604800s"

  daily_recurrence {}
}

resource "google_firestore_backup_schedule" "access" {
  database  = google_firestore_database.access.name
  retention = "604800s"

  daily_recurrence {}
}

locals {
  # The collections of the access database.
  access_collections = ["audit", "identities", "key_names", "keys", "members", "webhooks"]

  # For queries over several fields; queries over one field use Firestore's automatic indexes. Filters come first, then
  # the order, then the summed fields. The emulator does not require indexes: tests compare these with the code.
  indexes = {
    activities_of_person  = { collection = "activities", fields = [["customer", "ASCENDING"], ["at", "DESCENDING"]] }
    addresses_changed     = { collection = "addresses", fields = [["at", "ASCENDING"], ["changes", "ASCENDING"]] }
    addresses_suppressed  = { collection = "addresses", fields = [["suppressed", "ASCENDING"], ["at", "DESCENDING"]] }
    audit_of_action       = { collection = "audit", fields = [["what", "ASCENDING"], ["at", "DESCENDING"]] }
    audit_of_actor        = { collection = "audit", fields = [["by", "ASCENDING"], ["at", "DESCENDING"]] }
    audit_of_campaign     = { collection = "audit", fields = [["campaign", "ASCENDING"], ["at", "DESCENDING"]] }
    audit_of_both         = { collection = "audit", fields = [["by", "ASCENDING"], ["what", "ASCENDING"], ["at", "DESCENDING"]] }
    archived_of_state     = { collection = "campaigns", fields = [["archived", "ASCENDING"], ["state", "ASCENDING"]] }
    campaigns_of_state    = { collection = "campaigns", fields = [["state", "ASCENDING"], ["created_at", "DESCENDING"]] }
    campaigns_to_start    = { collection = "campaigns", fields = [["state", "ASCENDING"], ["start_at", "ASCENDING"]] }
    claims_by_writer      = { collection = "claims", fields = [["campaign", "ASCENDING"], ["personalized_by", "ASCENDING"]] }
    claims_mended         = { collection = "claims", fields = [["campaign", "ASCENDING"], ["mended", "ASCENDING"]] }
    claims_of_person      = { collection = "claims", fields = [["customer", "ASCENDING"], ["at", "DESCENDING"]] }
    counted_outcomes      = { collection = "counters", fields = [["campaign", "ASCENDING"], ["outcomes", "ASCENDING"]] }
    figures_of_bucket     = { collection = "customers", fields = [["bucket", "ASCENDING"], ["active_days", "ASCENDING"], ["orders", "ASCENDING"], ["spend", "ASCENDING"], ["visits", "ASCENDING"]] }
    deferred_by_reason    = { collection = "deferred", fields = [["campaign", "ASCENDING"], ["reason", "ASCENDING"]] }
    deferred_until        = { collection = "deferred", fields = [["campaign", "ASCENDING"], ["shard", "ASCENDING"], ["until", "ASCENDING"]] }
    import_done           = { collection = "import_chunks", fields = [["import", "ASCENDING"], ["created", "ASCENDING"], ["done", "ASCENDING"], ["unchanged", "ASCENDING"], ["updated", "ASCENDING"]] }
    import_warnings       = { collection = "import_chunks", fields = [["import", "ASCENDING"], ["warned", "ASCENDING"]] }
    import_results        = { collection = "import_chunks", fields = [["import", "ASCENDING"], ["counted", "ASCENDING"], ["duplicate", "ASCENDING"], ["rejected", "ASCENDING"]] }
    last_pages            = { collection = "pages", fields = [["campaign", "ASCENDING"], ["last", "ASCENDING"]] }
    pages_of_campaign     = { collection = "pages", fields = [["campaign", "ASCENDING"], ["audience", "ASCENDING"], ["last", "ASCENDING"]] }
    receipts_of_kind      = { collection = "receipts", fields = [["campaign", "ASCENDING"], ["kind", "ASCENDING"]] }
    receipts_permanent    = { collection = "receipts", fields = [["campaign", "ASCENDING"], ["kind", "ASCENDING"], ["permanent", "ASCENDING"]] }
    receipts_of_person    = { collection = "receipts", fields = [["customer", "ASCENDING"], ["at", "DESCENDING"]] }
    receipts_replaced     = { collection = "receipts", fields = [["campaign", "ASCENDING"], ["replaces", "ASCENDING"]] }
    receipts_with_outcome = { collection = "receipts", fields = [["campaign", "ASCENDING"], ["slot", "ASCENDING"]] }
    webhook_deliveries    = { collection = "webhook_deliveries", fields = [["webhook", "ASCENDING"], ["due_at", "ASCENDING"]] }
  }

  # Firestore indexes each field of each document by itself, in both directions, unless it is told not to. Every such
  # entry costs storage and time with every write, and one on an ever-growing value limits its collection to 500 writes
  # a second. So in each collection no field is indexed but these, which queries over one field need.
  indexed = {
    activities         = { customer = ["ASCENDING"], type = ["ASCENDING"] }
    addresses          = { at = ["ASCENDING"], suppressed = ["ASCENDING"], unflagged = ["ASCENDING"] }
    audience           = {}
    audit              = { at = ["ASCENDING", "DESCENDING"] }
    audit_outbox       = { at = ["ASCENDING"] }
    campaigns          = { claims_until = ["ASCENDING"], created_at = ["DESCENDING"], name = ["ASCENDING"], open = ["ASCENDING"], retained_since = ["ASCENDING"], segment_id = ["ASCENDING"], state = ["ASCENDING"] }
    campaign_sentences = {}
    claims             = { campaign = ["ASCENDING"], customer = ["ASCENDING"] }
    counters           = { campaign = ["ASCENDING"], corrected = ["ASCENDING"] }
    customers          = { bucket = ["ASCENDING"], email = ["ASCENDING"], merged_into = ["ASCENDING"], phone = ["ASCENDING"] }
    dead_letters       = {}
    deferred           = { customer = ["ASCENDING"] }
    fingerprints       = {}
    form_counts        = {}
    form_requests      = {}
    forms              = { created_at = ["DESCENDING"] }
    gemini_usage       = {}
    idempotency        = {}
    identities         = {}
    import_changes     = { import = ["ASCENDING"] }
    import_chunks      = { import = ["ASCENDING"] }
    import_mappings    = { shape = ["ASCENDING"] }
    import_undos       = {}
    imports            = { at = ["DESCENDING"], commands_pending = ["ASCENDING"] }
    inboxes            = { campaign = ["ASCENDING"] }
    key_names          = {}
    key_uses           = {}
    keys               = {}
    members            = {}
    names              = {}
    opt_outs           = {}
    outgoing_events    = { at = ["ASCENDING"], waiting = ["ASCENDING"] }
    pacing             = {}
    pages              = {}
    plans              = {}
    receipts           = { campaign = ["ASCENDING"], customer = ["ASCENDING"], kind = ["ASCENDING"] }
    recent_sends       = {}
    redactions         = {}
    retries            = {}
    segment_people     = { shard = ["ASCENDING"] }
    segments           = { created_at = ["DESCENDING"], name = ["ASCENDING"] }
    settings           = {}
    visits             = {}
    webhook_attempts   = {}
    webhook_deliveries = {}
    webhook_states     = {}
    webhooks           = {}
  }

  # The fields with the time after which Firestore deletes a document (TTL), within a day.
  expiring = {
    audit_outbox       = "expires_at" # of the marks
    claims             = "expires_at" # of test messages and mails of forms only
    dead_letters       = "expires_at"
    deferred           = "expires_at"
    form_requests      = "expires_at"
    gemini_usage       = "expires_at"
    idempotency        = "expires_at"
    import_changes     = "expires_at"
    import_chunks      = "expires_at"
    import_undos       = "expires_at"
    imports            = "expires_at"
    opt_outs           = "expires_at"
    outgoing_events    = "expires_at"
    pacing             = "expires_at"
    recent_sends       = "expires_at"
    visits             = "expires_at"
    webhook_attempts   = "expires_at"
    webhook_deliveries = "expires_at"
  }
}

resource "google_firestore_index" "index" {
  for_each = local.indexes

  # Functions depend on these. So a new one is built before the functions are replaced, and one that is no longer needed
  # is removed after that.
  lifecycle {
    create_before_destroy = true
  }

  database   = contains(local.access_collections, each.value.collection) ? google_firestore_database.access.name : google_firestore_database.database.name
  collection = each.value.collection

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path = fields.value[0]
      order      = fields.value[1]
    }
  }
}

resource "google_firestore_field" "unindexed" {
  for_each = local.indexed

  database   = contains(local.access_collections, each.key) ? google_firestore_database.access.name : google_firestore_database.database.name
  collection = each.key
  field      = "*" # the default of the collection

  index_config {}
}

resource "google_firestore_field" "indexed" {
  for_each = merge([
    for collection, fields in local.indexed : {
      for field, orders in fields : "${collection}.${field}" => [collection, field, orders]
    }
  ]...)

  database   = contains(local.access_collections, each.value[0]) ? google_firestore_database.access.name : google_firestore_database.database.name
  collection = each.value[0]
  field      = each.value[1]

  index_config {
    dynamic "indexes" {
      for_each = each.value[2]

      content {
        order       = indexes.value
        query_scope = "COLLECTION"
      }
    }
  }
}

resource "google_firestore_field" "expiring" {
  for_each = local.expiring

  database   = contains(local.access_collections, each.key) ? google_firestore_database.access.name : google_firestore_database.database.name
  collection = each.key
  field      = each.value

  index_config {}
  ttl_config {}
}

resource "google_firebaserules_ruleset" "firestore" {
  provider = google-beta

  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  lifecycle {
    create_before_destroy = true # the release must always refer to one
  }

  depends_on = [google_firestore_database.database, google_firestore_database.access, google_firebase_project.project]
}

resource "google_firebaserules_release" "firestore" {
  provider = google-beta

  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.firestore.name
}

resource "google_firebaserules_release" "access" {
  provider = google-beta

  name         = "cloud.firestore/${google_firestore_database.access.name}"
  ruleset_name = google_firebaserules_ruleset.firestore.name
}

# Read and write documents in this database; not its indexes, backups or settings.
resource "google_project_iam_member" "firestore" {
  for_each = { for name, one in module.topology.users : name => one if one.service == "firestore" }

  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.function[each.value.function].member

  condition {
    title      = "Herald's database only"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.database.name}\""
  }
}

# Read documents in this database: the function that answers anybody on the internet writes none.
resource "google_project_iam_member" "firestore_reader" {
  for_each = { for name, one in module.topology.users : name => one if one.service == "firestore-reader" }

  project = var.project
  role    = "roles/datastore.viewer"
  member  = google_service_account.function[each.value.function].member

  condition {
    title      = "Herald's database only"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.database.name}\""
  }
}

resource "google_project_iam_member" "access_writer" {
  for_each = { for name, one in module.topology.users : name => one if one.service == "access-writer" }

  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.function[each.value.function].member

  condition {
    title      = "Herald's access database only"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.access.name}\""
  }
}

# Read who may sign in, and API keys.
resource "google_project_iam_member" "access_reader" {
  for_each = { for name, one in module.topology.users : name => one if one.service == "access" }

  project = var.project
  role    = "roles/datastore.viewer"
  member  = google_service_account.function[each.value.function].member

  condition {
    title      = "Herald's access database only"
    expression = "resource.name == \"projects/${var.project}/databases/${google_firestore_database.access.name}\""
  }
}
