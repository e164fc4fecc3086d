"""Handoff: intake, queue and cases, and the agents' console."""
