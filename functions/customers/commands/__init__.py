"""What changes customers: upsert, update, record activities, suppress, erase."""
