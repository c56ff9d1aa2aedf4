"""Imports: rows are validated, stored in chunks, and processed in the background."""
