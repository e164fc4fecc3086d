"""Memory that learning used goes back to the machine: the C library keeps it otherwise."""

import ctypes

_MMAP_THRESHOLD = -3
"""M_MMAP_THRESHOLD of malloc.h."""

LARGE_BYTES = 8 * 1024 * 1024
"""Pieces from this size on are mapped apart, and unmapped when they are freed."""


def keep_apart() -> None:
    """Maps large pieces apart from now on; the C library would soon stop to do so by itself."""
    limit = getattr(ctypes.CDLL(None), "mallopt", None)
    if limit is not None:
        limit(_MMAP_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """Hands freed memory back, where the C library knows how to."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
