"""The simulated vendor: delivers nothing, reports outcomes."""
