"""Campaigns as requests, documents and responses describe them."""
