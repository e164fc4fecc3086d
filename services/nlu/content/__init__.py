"""A pack's files: read with positions, checked, edited without losing a comment."""
