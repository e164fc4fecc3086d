"""The `prat` command: one file per group of commands, registered in main.py."""
