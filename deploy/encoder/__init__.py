"""Builds the sentence encoder of nlu from weights that a package carries; offline, without torch."""
