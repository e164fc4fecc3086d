"""Everything about running Prat: command line, local processes, topics, demo."""
