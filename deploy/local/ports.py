"""Finding free ports on the loopback address."""

import socket

HOST = "127.0.0.1"
TRIES = 100


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now; it may be gone again a moment later."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class Ports:
    """Hands out ports and never the same one twice, although nobody listens on them yet."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def prefer(self, port: int) -> int:
        """`port`, or the next free one above it."""
        for candidate in range(port, port + TRIES):
            if candidate not in self._given and is_free(candidate):
                self._given.add(candidate)
                return candidate
        raise OSError(f"no free port from {port} to {port + TRIES - 1}")

    def any(self) -> int:
        """A free port chosen by the kernel."""
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port in self._given:
            return self.any()
        self._given.add(port)
        return port
