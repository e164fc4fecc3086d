"""Editors: people who write their shop's content, and the shops that are theirs."""

from dataclasses import dataclass
from pathlib import Path

from libs.kit.accounts import Accounts
from libs.kit.clock import Now, utc_now
from libs.kit.login import LogIns, read_passwords
from libs.kit.mongo import Client, Document

ACCOUNTS_FILE = "editor-passwords.json"


@dataclass(frozen=True)
class Editor:
    """A person who may change the content of these merchants."""

    email: str
    name: str
    merchants: tuple[str, ...]


class EditorStore(Accounts):
    """Editors, their sessions and their tries to log in, in nlu's store."""

    def __init__(self, client: Client, now: Now = utc_now) -> None:
        super().__init__(client, "nlu", "editors", now)


class Editors(LogIns):
    """Who may use the authoring page."""

    async def log_in(self, email: str, password: str) -> tuple[Editor, str]:
        """The editor and a new session's token; raises Refused (401, 429) and tells no more."""
        account, token = await self.open(email, password)
        return editor_of(account), token

    async def editor_of(self, token: str | None) -> Editor | None:
        """The editor whose session this token opens, or None."""
        account = await self.account_of(token)
        return editor_of(account) if account else None

    async def put(self, editor: Editor, password: str) -> None:
        """Stores an editor with this password."""
        account = {"name": editor.name, "merchants": list(editor.merchants)}
        await self.set_account(editor.email, account, password)

    async def seed(self, path: Path) -> int:
        """Stores the editors of a password file, where there is one; how many it names."""
        passwords = read_passwords(path)
        for email, password in passwords.items():
            await self.put(demo_editor(email), password)
        return len(passwords)


def editor_of(account: Document) -> Editor:
    """The editor whose account this is."""
    return Editor(account["_id"], account["name"], tuple(account["merchants"]))


def named(email: str, merchants: tuple[str, ...]) -> Editor:
    """An editor who is called as the address begins: siri.dahl@shop.example is Siri Dahl."""
    name = email.partition("@")[0].replace(".", " ").title()
    return Editor(email.lower(), name, merchants)


def demo_editor(email: str) -> Editor:
    """The editor behind a demo address: siri@fjellbekk.example writes for fjellbekk."""
    return named(email, (email.lower().partition("@")[2].partition(".")[0],))
