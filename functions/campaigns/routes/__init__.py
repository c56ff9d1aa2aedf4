"""The HTTP routes of the campaigns function."""
