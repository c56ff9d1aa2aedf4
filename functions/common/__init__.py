"""What all of Herald's functions share. It imports none of them, and is deployed inside each."""
