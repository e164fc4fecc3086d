"""The chat's privacy notice in five languages: texts, what they are filled with, and its two forms."""
