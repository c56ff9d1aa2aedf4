"""The web server of the site, like Firebase Hosting in the cloud: static files, and `/api` goes to the functions."""
