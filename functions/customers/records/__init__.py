"""What is stored about one person, and exports of it."""
