"""How a service runs: bus, store client, settings, logs, health, errors, http."""
