"""The HTTP routes of the members function."""
