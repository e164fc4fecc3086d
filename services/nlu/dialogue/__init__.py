"""What the bot says next: facts asked for, doubts cleared, people offered. Pure."""
