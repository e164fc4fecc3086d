"""Memory that training used goes back to the machine: the C library keeps it otherwise."""

import ctypes


def give_back() -> None:
    """Hand freed memory back, where the C library knows how to."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
