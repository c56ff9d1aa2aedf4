"""Who receives a message, and how messages are published: fan-out, rate limit, retry."""
