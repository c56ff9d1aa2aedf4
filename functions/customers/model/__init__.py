"""Customers and activities as requests, documents and responses describe them."""
