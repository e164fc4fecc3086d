"""The second factor of a log-in: codes that change every 30 s (RFC 6238), and codes for once."""

import re
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex

import segno
from pyotp import TOTP, random_base32
from pyotp.utils import strings_equal

from libs.kit.accounts import Accounts
from libs.kit.clock import Now, utc_now
from libs.kit.mongo import Document
from libs.privacy.sealing import unwrap, wrap

KEY_FILE = "accounts.key"
CODE = re.compile(r"[0-9]{6}")
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
STEPS_AROUND = (0, -1, 1)
"""A code of half a minute ago or ahead counts: clocks differ, and people type slowly."""


@dataclass(frozen=True)
class Enrolment:
    """What a person puts into an authenticator app; shown once, kept nowhere in the clear."""

    secret: str
    address: str
    recovery_codes: tuple[str, ...]

    def squares(self) -> list[str]:
        """The address as a QR code (ISO/IEC 18004), a line per row: `1` is dark; without a margin."""
        return ["".join(map(str, row)) for row in segno.make_qr(self.address).matrix]


class SecondFactor:
    """Second factors of a service's people; `key` wraps their secrets and is not in the store."""

    def __init__(self, accounts: Accounts, key: bytes, now: Now = utc_now) -> None:
        self._accounts = accounts
        self._key = key
        self._now = now

    async def enrol(self, person_id: str, issuer: str) -> Enrolment | None:
        """Gives a known person a new second factor; whatever was open or valid before is not."""
        secret = random_base32()
        codes = tuple(_grouped(token_hex(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES))
        second = {
            "wrapped": wrap(self._key, _place(person_id), secret.encode()), "last": 0,
            "recovery": [recovery_hash(code) for code in codes],
        }  # fmt: skip
        if not await self._accounts.change_account(person_id, {"$set": {"second": second}}):
            return None
        return Enrolment(
            secret, TOTP(secret).provisioning_uri(name=person_id, issuer_name=issuer), codes
        )

    async def remove(self, person_id: str) -> bool:
        """Takes a person's second factor away and ends the sessions; False: unknown."""
        return await self._accounts.change_account(person_id, {"$unset": {"second": ""}})

    async def accepts(self, account: Document, code: str) -> bool:
        """Whether a code is right and was not used before; it is used up by asking."""
        text = code.replace(" ", "").replace("-", "").lower()
        if CODE.fullmatch(text):
            return await self._accepts_time_code(account, text)
        digest = recovery_hash(text)
        return await self._accounts.spend(
            account["_id"], {"second.recovery": digest}, {"$pull": {"second.recovery": digest}}
        )

    async def _accepts_time_code(self, account: Document, code: str) -> bool:
        step = matching_step(self._secret(account), code, int(self._now().timestamp()))
        # RFC 6238, 5.2: a code that was seen over a shoulder is worth nothing any more.
        return step is not None and await self._accounts.spend(
            account["_id"], {"second.last": {"$lt": step}}, {"$set": {"second.last": step}}
        )

    def _secret(self, account: Document) -> str:
        wrapped = bytes(account["second"]["wrapped"])
        return unwrap(self._key, _place(account["_id"]), wrapped).decode()


def matching_step(secret: str, code: str, seconds: int) -> int | None:
    """The half minute that this code belongs to, if it is a near one."""
    totp = TOTP(secret)
    now = totp.timecode(seconds)
    near = [now + around for around in STEPS_AROUND if now + around >= 0]
    return next((step for step in near if strings_equal(totp.generate_otp(step), code)), None)


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code: 80 random bits need no slow hash."""
    return sha256(code.replace("-", "").lower().encode()).hexdigest()


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 5] for at in range(0, len(code), 5))


def _place(person_id: str) -> bytes:
    return f"second factor|{person_id}".encode()
