"""Imports: rows are checked, stored in chunks, and processed in the background."""
