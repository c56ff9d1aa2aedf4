"""Code that all HTTP functions share: the application, sign-in, error responses, pagination."""
