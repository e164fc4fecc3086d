"""What protects the visitor: sealing under purpose keys, and masking of personal data."""
