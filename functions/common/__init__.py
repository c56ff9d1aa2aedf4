"""Code that all of Herald's functions share. It imports no function and is deployed inside each of them."""
