"""State transitions of a campaign, and the scheduled duties that keep it going."""
