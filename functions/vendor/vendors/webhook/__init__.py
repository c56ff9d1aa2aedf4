"""The webhook vendor: posts each message to the deployer's URL."""
