"""Editors at the door of the authoring page: who they are, and which shops are theirs."""

from typing import Any

from starlette.requests import Request

from libs.kit import doorway
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from services.nlu.authoring.editors import Editor, Editors
from services.nlu.authoring.views import editor_view


class Doorway(doorway.Doorway[Editor]):
    """Sessions of the editors."""

    def __init__(
        self,
        editors: Editors,
        content: MerchantContent,
        gateway_url: str,
        *,
        secure_cookies: bool = False,
    ) -> None:
        super().__init__("authoring", editors, secure_cookies=secure_cookies)
        self._content = content
        self.gateway_url = gateway_url

    async def me(self, person: Editor | None) -> dict[str, Any]:
        """The editor, and the address whose chat the preview shows."""
        shown = editor_view(person, self._content.all()) if person else None
        return {"editor": shown, "gateway": self.gateway_url}

    async def editor(self, request: Request, shop: str) -> Editor:
        """Who asks, if the shop is theirs; raises Refused (401, 403, 404).

        A shop of somebody else's is as unknown as one that does not exist.
        """
        editor = await self.person(request)
        if shop not in editor.merchants:
            raise Refused(404, "unknown_merchant", "This shop is not yours, or not known.")
        return editor
