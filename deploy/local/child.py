"""Exec shim: asks the kernel to end this process with its parent, then becomes the command.

A file of its own that needs only the standard library: it runs between fork and exec, where
a `preexec_fn` could deadlock on a lock that another thread held during the fork.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Be killed when `parent` ends; exit at once when it ended before we could ask."""
    if not sys.platform.startswith("linux"):
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the parent ended first")


def main(arguments: list[str]) -> None:
    """`child.py PARENT_PID COMMAND...`: never returns."""
    die_with(int(arguments[0]))
    try:
        os.execvp(arguments[1], arguments[1:])  # noqa: S606 - becoming the command is the purpose
    except OSError as error:
        sys.exit(f"cannot start {arguments[1]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
