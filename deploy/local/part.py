"""A part of the house with one process: what broker and store have in common."""

from deploy.local.processes import Child

GRACE_SECONDS = 15.0


class LocalPart:
    """One local process that keeps its port and its data over restarts; subclasses `start` it."""

    _child: Child | None = None

    @property
    def child(self) -> Child | None:
        """The running process, for supervision."""
        return self._child

    async def start(self) -> float:
        """Start and return the seconds until it answered."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Shut down in order, so that the next start needs no recovery."""
        if self._child is not None:
            await self._child.stop(GRACE_SECONDS)
            self._child = None

    def kill(self) -> None:
        """End it as a power cut of the process would (kill -9)."""
        if self._child is not None:
            self._child.kill()

    async def restart(self) -> float:
        """Stop what runs, then start on the same port."""
        await self.stop()
        return await self.start()
