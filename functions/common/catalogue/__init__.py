"""The catalogue: one frozen record for each customer field, channel and vendor. Lists elsewhere are derived from it."""
