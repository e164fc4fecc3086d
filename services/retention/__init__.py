"""Transcripts, 90-day expiry, export and erasure."""
