"""What the functions that handle a message share: ledger, deferral, suppressions, templates."""
