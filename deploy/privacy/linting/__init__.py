"""What is missing in a chat's privacy notice, and where it says something else than what runs."""
