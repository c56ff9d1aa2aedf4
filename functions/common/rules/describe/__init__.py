"""A rule in plain words, one module per language."""
