"""libfaketime, where it is installed: what lets processes live in another time."""

from pathlib import Path

PLACES = ("/usr/lib", "/usr/local/lib")
FIX = "apt-get install libfaketime"


def library() -> Path | None:
    """Where it is on this machine, if it is."""
    name = "**/faketime/libfaketimeMT.so.1"
    return next((path for place in PLACES for path in Path(place).glob(name)), None)
