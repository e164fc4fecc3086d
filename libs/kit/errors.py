"""The errors of Prat; each class carries the decision that its catcher must take.

PratError
├── ConfigurationError   refuse to start: names the cause and the fix
├── BadMessage           a record that will never be readable: dead letter, go on
├── Unavailable          broker, store or a peer is away: back off, keep the record
└── Refused              a caller did something wrong: status, code, message and fix for it

`libs.privacy.sealing` adds KeyGone (erased or expired: drop quietly) and WrongKey.
"""


class PratError(Exception):
    """Base of all errors raised on purpose; messages never quote what a visitor wrote."""


class ConfigurationError(PratError):
    """The service cannot start like this; the message names the cause and the fix."""

    def __init__(self, cause: str, fix: str) -> None:
        super().__init__(f"{cause} Fix: {fix}")
        self.cause = cause
        self.fix = fix


class BadMessage(PratError):
    """A record that no retry will make readable; `reason` is a stable code, `where` field paths."""

    def __init__(self, reason: str, where: tuple[str, ...] = ()) -> None:
        super().__init__(f"{reason} at {', '.join(where)}" if where else reason)
        self.reason = reason
        self.where = where


class Unavailable(PratError):
    """Something needed is away for now: keep the record and try again later."""


class Refused(PratError):
    """A request that is answered with an error; `status` is HTTP, `code` is stable for programs.

    `retry_after` is after how many seconds the same request may be let through.
    """

    def __init__(
        self, status: int, code: str, message: str, fix: str = "", *, retry_after: int | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.fix = fix
        self.retry_after = retry_after

    def as_json(self) -> dict[str, dict[str, str]]:
        """The body of the answer: the same shape over HTTP and in socket frames."""
        return {"error": {"code": self.code, "message": self.message, "fix": self.fix}}
