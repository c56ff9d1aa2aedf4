"""One module per callback scheme that vendors sign with."""
