"""Who may come in: the house's own key of a shop, or one that was made for somebody, and what it may do."""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from libs.contracts.envelope import MerchantId
from libs.kit.clock import Now
from libs.kit.doorway import address_of
from libs.kit.errors import ConfigurationError, Refused
from libs.kit.http import bearer
from libs.kit.settings import CommonSettings
from libs.kit.tries import Limit, Tries
from services.analytics.keys import Keys, Right

FIRST = "first"
"""The name of the key in stats-<merchant>.token, which may do everything; no other bears it."""

WRONG_KEYS = Limit("key", 30, timedelta(minutes=1))
"""From one address. A right key is let in all the same: nobody is shut out by somebody else's mistakes."""

MERCHANT_ID: TypeAdapter[str] = TypeAdapter(MerchantId)


@dataclass(frozen=True)
class Door:
    """The keys of all shops at the statistics' door."""

    settings: CommonSettings
    keys: Keys
    tries: Tries
    now: Now

    async def opened(self, request: Request, merchant_id: str, right: Right) -> str:
        """The name of the request's key; raises Refused: 401 where it opens nothing here, 403 where it
        may not do this, 429 after too many wrong ones.
        """
        secret = bearer(request)
        if (name := await self._name(secret, merchant_id, right)) is not None:
            return name
        await self.tries.count(WRONG_KEYS, address_of(request))
        raise Refused(
            401, "token_wrong", "The key does not open this shop's statistics.",
            "use the link that `prat demo` prints, or a key of `prat stats token create`.",
        )  # fmt: skip

    async def is_open(self, request: Request, merchant_id: str, right: Right) -> bool:
        """Whether the request's key still opens what it opened: for streams, which outlive it else."""
        try:
            return await self._name(bearer(request), merchant_id, right) is not None
        except Refused:
            return False

    async def _name(self, secret: str, merchant_id: str, right: Right) -> str | None:
        if self._is_first(secret, merchant_id):
            return FIRST
        key = await self.keys.find(secret)
        if key is None or key.merchant_id != merchant_id:
            return None
        if right not in key.rights:
            raise Refused(
                403, "key_may_not", "This key may not do that.",
                f"make one with `prat stats token create --may {right}`.",
            )  # fmt: skip
        if key.used_on != self.now().date():
            await self.keys.use(secret)
        return key.name

    def _is_first(self, secret: str, merchant_id: str) -> bool:
        """Unknown merchant, no file, empty file, other key: one answer, so that nothing is learnt."""
        try:
            # Checked before it becomes part of a file name.
            name = f"stats-{MERCHANT_ID.validate_python(merchant_id)}.token"
            expected = self.settings.secret(name)
        except (ValidationError, ConfigurationError):
            return False
        return bool(expected) and hmac.compare_digest(secret.encode(), expected.encode())
