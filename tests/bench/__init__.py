"""Measurements: they assert nothing, they write figures to docs/figures."""
