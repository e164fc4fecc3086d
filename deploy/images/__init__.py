"""The image of the services, and what stands in for others where no image registry is reached."""
