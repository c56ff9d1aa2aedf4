"""A mail server for this machine, which keeps what it gets, and a page that shows it. It sends nothing."""
