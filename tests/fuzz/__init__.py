"""Fuzz: what reads outside text gets inputs that Hypothesis makes up. `make fuzz MINUTES=10`."""
