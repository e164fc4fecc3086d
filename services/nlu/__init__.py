"""Understands what visitors write and answers them from the merchants' packs."""
