"""The mail that asks somebody to confirm a request: by SMTP, into a folder, or not at all."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import structlog

from services.handoff.case import NotAllowed
from services.handoff.rightsdesk.requests import Request
from services.handoff.settings import HandoffSettings

TEXTS = Path(__file__).parent / "texts"
PASSWORD_FILE = "smtp.password"  # noqa: S105 - the name of a file
TIMEOUT_SECONDS = 10.0
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
REFUSED_FOR_GOOD = 500


class Post(Protocol):
    """Sends mail."""

    async def send(self, mail: EmailMessage, /) -> None:
        """Sends it; raises NotAllowed where it cannot be sent."""


class NoPost:
    """Nobody has said how mail is sent."""

    async def send(self, _mail: EmailMessage) -> None:
        """Raises NotAllowed."""
        raise NotAllowed("mail_off")


@dataclass(frozen=True)
class Folder:
    """For demonstrations: mail lies in a folder, where only the house's owner can read it."""

    path: Path

    async def send(self, mail: EmailMessage) -> None:
        """Writes it to a file of its own."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.path / f"{uuid4().hex}.eml"
        file.touch(mode=0o600)
        file.write_bytes(bytes(mail))


@dataclass(frozen=True)
class Smtp:
    """A mail server, by TLS from the start or after STARTTLS."""

    host: str
    port: int
    user: str
    password: str
    security: str

    async def send(self, mail: EmailMessage) -> None:
        """Hands it to the server; the log never says to whom.

        Raises NotAllowed: `mail_refused` where the server never takes mail to this address, else
        `mail_failed`, which is worth another try.
        """
        import aiosmtplib

        try:
            await aiosmtplib.send(
                mail, hostname=self.host, port=self.port, username=self.user or None,
                password=self.password or None, timeout=TIMEOUT_SECONDS,
                use_tls=self.security == "tls", start_tls=self.security == "starttls",
            )  # fmt: skip
        except aiosmtplib.SMTPNotSupported:
            raise NotAllowed("mail_refused") from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            is_final = all(one.code >= REFUSED_FOR_GOOD for one in error.recipients)
            raise NotAllowed("mail_refused" if is_final else "mail_failed") from None
        except (aiosmtplib.SMTPException, OSError) as error:
            structlog.get_logger().error("Mail cannot be sent.", error=type(error).__name__)
            raise NotAllowed("mail_failed") from None


def post_of(settings: HandoffSettings) -> Post:
    """How mail is sent here."""
    if settings.handoff_smtp_host:
        user = settings.handoff_smtp_user
        password = settings.secret(PASSWORD_FILE) if user else ""
        return Smtp(
            settings.handoff_smtp_host, settings.handoff_smtp_port, user, password,
            settings.handoff_smtp_security,
        )  # fmt: skip
    return Folder(settings.handoff_mail_folder) if settings.handoff_mail_folder else NoPost()


def mailbox(email: str) -> Address:
    """The one mailbox that an address names, its domain as mail servers write it; raises NotAllowed.

    Built from its parts: whatever stands before the @ is one name and no second address.
    """
    user, _, domain = email.rpartition("@")
    try:
        known = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise NotAllowed("address_wrong") from None
    if not DOMAIN.fullmatch(known):
        raise NotAllowed("address_wrong")
    return Address(username=user, domain=known)


def confirmation(request: Request, sender: str, to: Address, shop: str, link: str) -> EmailMessage:
    """The mail with the link, in the person's language."""
    words = texts(request.language)
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, to
    mail["Subject"] = words["subject"].format(shop=shop)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">"))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(words["body"].format(shop=shop, link=link, wish=words[request.kind]))
    return mail


@cache
def texts(language: str) -> Mapping[str, str]:
    """The words of one language."""
    found: Mapping[str, str] = tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))
    return found
