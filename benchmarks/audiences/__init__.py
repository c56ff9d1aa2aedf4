"""Audiences at 10,000, 100,000 and 1,000,000 customers, compared with PostgreSQL on the same data."""
