"""The audience index: storage layout, compaction, loading, and reconciliation."""
