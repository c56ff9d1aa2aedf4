"""What every HTTP function shares: the application, sign-in, error responses, pagination."""
