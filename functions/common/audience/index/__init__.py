"""The audience index: storage layout, compaction and loading."""
