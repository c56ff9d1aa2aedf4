"""The HTTP routes of the customers function."""
