"""What the API tells about a campaign: messages, explanations, the summary."""
