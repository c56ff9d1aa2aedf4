"""The database port, its Firestore adapter, and the in-memory fake for tests."""
