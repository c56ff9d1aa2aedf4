"""Forms on other sites: people ask for messages, and confirm it by the link in a mail before anything is kept."""
