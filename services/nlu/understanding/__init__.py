"""What a message is about, learned from examples: letters, words, meaning, and how sure that is."""
