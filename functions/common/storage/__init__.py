"""The database port, its Firestore adapter, and the in-memory store for tests."""
