"""What is known about an address, for all who have it: consent by channel, suppressions, and who has left it."""
