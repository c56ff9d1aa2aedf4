"""Publishing to Pub/Sub topics, and the endpoints that receive pushed messages."""
