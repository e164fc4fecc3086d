"""Builds the list of names that masking knows, from packages that may be used and passed on freely."""
