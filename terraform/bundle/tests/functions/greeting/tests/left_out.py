"""Stays at home."""
