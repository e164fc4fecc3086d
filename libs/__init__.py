"""What the services share: contracts (what they say), kit (how they run), privacy (sealing, masking)."""
