"""Whether the tag of the chat works on the page where it stands."""
