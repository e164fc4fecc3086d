"""The chat's privacy notice as a page of its own, for whoever wants to read it: no session, no origin."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from libs.contracts.content import LANGUAGES, Language, Merchant, PackPublished
from libs.kit.content import MerchantContent
from libs.kit.errors import Refused
from libs.kit.wording import in_language


@dataclass(frozen=True)
class NoticeRoutes:
    """A merchant's notice in each language, made from what is published and what runs."""

    content: MerchantContent
    audit_days: int

    def routes(self) -> list[BaseRoute]:
        """The table of routes."""
        return [
            Route("/notice/{merchant_id}", self.own_language),
            Route("/notice/{merchant_id}/{language}", self.page),
        ]

    async def own_language(self, request: Request) -> Response:
        """To the page in the merchant's first language."""
        merchant = self.content.get(request.path_params["merchant_id"]).merchant
        return RedirectResponse(f"{merchant.id}/{merchant.languages[0]}", 307)

    async def page(self, request: Request) -> Response:
        """The notice as HTML; 404 where a merchant has a notice of its own."""
        pack = self.content.get(request.path_params["merchant_id"])
        language = _language(request.path_params["language"])
        return _page(pack, language, self.audit_days)


def notice_link(merchant: Merchant, language: Language) -> str:
    """Where the chat's notice is: below the gateway's own address, or wherever the merchant says."""
    if merchant.privacy is None or merchant.privacy.link == "own":
        return in_language(merchant.notice_url, language)
    return f"notice/{merchant.id}/{language}"


def _page(pack: PackPublished, language: Language, audit_days: int) -> Response:
    # Loaded when somebody wants to read it: most gateways never need the texts.
    from libs.notice.document import notice
    from libs.notice.facts import facts_of
    from libs.notice.forms import as_html, page_policy

    if pack.merchant.privacy is None:
        raise Refused(404, "no_notice", "This shop has a notice of its own.", "see `notice_url`.")
    published = pack.occurred_at.astimezone(ZoneInfo(pack.merchant.time_zone)).date()
    made = notice(facts_of(pack.merchant, language, published, audit_days))
    headers = {
        "content-security-policy": page_policy(), "cache-control": "public, max-age=300",
        "content-language": language,
    }  # fmt: skip
    return HTMLResponse(as_html(made, {code: code for code in LANGUAGES}), headers=headers)


def _language(wanted: str) -> Language:
    found = next((language for language in LANGUAGES if language == wanted), None)
    if found is None:
        raise Refused(
            404, "unknown_language", "There is no such language here.", "use nb, sv, da, fi or en."
        )
    return found
