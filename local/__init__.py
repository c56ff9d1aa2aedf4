"""The local stack: all of Herald on one machine, on Google's own emulators. `python -m local` starts it."""
