"""File formats of rows: CSV, JSON and NDJSON."""
