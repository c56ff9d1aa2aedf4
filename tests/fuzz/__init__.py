"""Fuzz: what reads outside text gets inputs of Hypothesis, random bytes and atheris. `make fuzz MINUTES=10`."""
