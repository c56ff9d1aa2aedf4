"""Texts that the guard must let pass or refuse, and hostile values of customers' records."""
