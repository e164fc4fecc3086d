"""Editors: people who write their shop's content, and the shops that are theirs."""

from dataclasses import dataclass

from libs.kit.accounts import Accounts
from libs.kit.clock import Now, utc_now
from libs.kit.login import LogIns
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


class Editors(LogIns[Editor]):
    """Who may use the authoring page."""

    def person(self, account: Document) -> Editor:
        """The editor whose account this is."""
        return Editor(account["_id"], account["name"], tuple(account["merchants"]))

    def seeded(self, email: str) -> tuple[str, Document]:
        """The editor behind an address of a password file."""
        return _stored(demo_editor(email))

    async def put(self, editor: Editor, password: str) -> None:
        """Stores an editor with this password."""
        await self.set_account(*_stored(editor), password)


def _stored(editor: Editor) -> tuple[str, Document]:
    return editor.email, {"name": editor.name, "merchants": list(editor.merchants)}


def named(email: str, merchants: tuple[str, ...]) -> Editor:
    """An editor who is called as the address begins: siri.dahl@shop.example is Siri Dahl."""
    name = email.partition("@")[0].replace(".", " ").title()
    return Editor(email.lower(), name, merchants)


def demo_editor(email: str) -> Editor:
    """The editor behind a demo address: siri@fjellbekk.example writes for fjellbekk."""
    return named(email, (email.lower().partition("@")[2].partition(".")[0],))
