"""Summaries of campaigns in plain language."""
