"""A day of a shop's agents in virtual time: invented visitors, the real rules of handoff."""
