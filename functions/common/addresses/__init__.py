"""What is known about an address, whoever has it: consent by channel, suppressions, and who has left it."""
