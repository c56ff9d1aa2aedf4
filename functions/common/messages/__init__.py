"""Shared by the functions that handle messages: ledger, deferred messages, campaign states, suppressions, templates."""
