"""Backups of the store: written, restored without what was erased or has ended, keys apart and briefly."""
