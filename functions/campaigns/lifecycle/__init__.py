"""The state transitions of a campaign, and the scheduled work that follows from its state."""
