"""What services say to each other: events, topics and the merchants' content. Imports pydantic only."""
