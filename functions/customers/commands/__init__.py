"""Commands that change customers: upsert, update, record activities, suppress, erase."""
