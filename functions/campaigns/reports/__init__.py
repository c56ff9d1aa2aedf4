"""What a campaign did: messages, explanations, summary."""
