"""A past for a new demo: invented visitors really talk to the bot, so that there is something to count."""
