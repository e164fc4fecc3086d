"""The demo: two invented web shops, the event strip and the runner that starts the whole house."""
