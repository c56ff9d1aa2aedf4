"""The site's origin, as Firebase Hosting is in the cloud: static files with `/api` in front of the functions."""
