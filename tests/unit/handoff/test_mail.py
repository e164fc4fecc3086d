"""The mail that confirms a request, handed to a real mail server: encrypted, logged in, refused, away."""

import asyncio
import email
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from libs.kit.clock import utc_now
from services.handoff.case import NotAllowed
from services.handoff.rightsdesk import mail, requests
from services.handoff.rightsdesk.mail import Smtp, confirmation, mailbox
from services.handoff.rightsdesk.requests import Kind, Request
from tests.builders import NOW

HOST, USER, PASSWORD = "127.0.0.1", "prat", "planted-password"
SENDER, NORA = "Prat på nett <no-reply@prat.example>", "nora@kunde.example"
SHOP = "Blåbær & Ærlig AS"
LINK = "https://chat.example/confirm/planted-token"


@dataclass
class Taken:
    """A mail server's box: what came over which kind of line, by whom; and how it answers."""

    answer: str = "250 OK"
    mails: list[tuple[Envelope, bool]] = field(default_factory=list)
    log_ins: list[bool] = field(default_factory=list)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Envelope) -> str:
        self.mails.append((envelope, server.transport.get_extra_info("sslcontext") is not None))
        return "250 OK"

    def authenticate(self, *asked: Any) -> AuthResult:
        said = asked[-1]
        is_right = said == LoginPassword(USER.encode(), PASSWORD.encode())
        self.log_ins.append(is_right)
        return AuthResult(success=is_right, handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of a mail server on this machine, for a day."""
    key, now = generate_private_key(SECP256R1()), utc_now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False).sign(key, SHA256())
    )  # fmt: skip
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path_factory.mktemp("mail") / "server.pem"
    path.write_bytes(plain + made.public_bytes(Encoding.PEM))
    return path


class Line(SMTP):
    """One line of a mail server; those that break off in the middle are hung up after the test."""

    house: "House"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.house.lines.append(transport)
        super().connection_made(transport)


@dataclass
class House:
    """Makes mail servers, whose certificate is trusted unless a test says otherwise."""

    certificate: Path
    open: AsyncExitStack
    lines: list[asyncio.BaseTransport] = field(default_factory=list)

    async def server(self, taken: Taken, security: str = "none", **options: Any) -> Smtp:
        """A mail server, and the way to it that the desk would take."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate)
        if security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        # Where the line is encrypted from the start, the server itself does not know of it.
        options |= {
            "auth_require_tls": security == "starttls",
            "auth_required": security == "starttls",
        }

        def serve() -> SMTP:
            made = Line(taken, authenticator=taken.authenticate, hostname="mail.example", **options)
            made.house = self
            return made

        port = await self.listens(serve, context if security == "tls" else None)
        is_open = security == "none"
        return Smtp(HOST, port, "" if is_open else USER, "" if is_open else PASSWORD, security)

    async def listens(self, serve: Callable[[], Any], context: ssl.SSLContext | None) -> int:
        """The port at which every line is served so, until the test is over."""
        made = await asyncio.get_running_loop().create_server(serve, HOST, 0, ssl=context)
        await self.open.enter_async_context(made)
        self.open.callback(made.close)
        return int(made.sockets[0].getsockname()[1])


@pytest.fixture
async def house(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with AsyncExitStack() as stack:
        made = House(certificate, stack)
        yield made
        for line in made.lines:
            line.close()


def request(language: str = "nb") -> Request:
    return requests.received("fjellbekk", Kind.ERASURE, language, NOW, request_id=uuid4(), now=NOW)


def sends(post: Smtp, to: str = NORA, language: str = "nb") -> Awaitable[None]:
    return post.send(confirmation(request(language), SENDER, mailbox(to), SHOP, LINK))


@asynccontextmanager
async def not_sent(code: str, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[None]:
    """What is tried in here fails with a code, and says to nobody whom the mail was for."""
    with pytest.raises(NotAllowed) as refused:
        yield
    assert refused.value.code == code
    said = capsys.readouterr()
    for secret in ("nora", "kunde.example", "planted"):
        assert secret not in said.out + said.err


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("language", ["nb", "fi"])
async def test_a_link_goes_encrypted_to_a_server_that_knows_us(
    house: House, security: str, language: str
) -> None:
    taken = Taken()
    post = await house.server(taken, security)
    await sends(post, language=language)
    ((envelope, is_encrypted),) = taken.mails
    assert is_encrypted
    assert taken.log_ins == [True]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@prat.example", [NORA])
    assert isinstance(envelope.content, bytes)
    read: Any = email.message_from_bytes(envelope.content, policy=default)
    assert (read["To"], read["From"]) == (NORA, SENDER)
    assert SHOP in read["Subject"]
    assert LINK in read.get_content()
    assert SHOP in read.get_content()


async def test_what_is_not_safe_is_not_sent(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No encryption where it is asked for, a certificate of nobody's, a wrong password."""
    plain = Taken()
    open_line = await house.server(plain)
    async with not_sent("mail_failed", capsys):
        await sends(Smtp(HOST, open_line.port, USER, PASSWORD, "starttls"))
    assert (plain.mails, plain.log_ins) == ([], []), "neither mail nor password went in clear"
    taken = Taken()
    ways = [await house.server(taken, security) for security in ("starttls", "tls")]
    async with not_sent("mail_failed", capsys):
        await sends(Smtp(HOST, ways[0].port, USER, "planted-wrong", "starttls"))
    assert {*taken.log_ins} == {False}, "a wrong password"
    tried = len(taken.log_ins)
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 1)
    for post in ways:
        async with not_sent("mail_failed", capsys):
            await sends(post)
    assert (taken.mails, len(taken.log_ins)) == ([], tried), "nobody else hears of the password"


@pytest.mark.parametrize(
    ("answer", "code"),
    [("550 No such mailbox", "mail_refused"), ("450 Try again later", "mail_failed")],
)
async def test_a_server_that_says_no(
    house: House, answer: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = Taken(answer)
    post = await house.server(taken)
    async with not_sent(code, capsys):
        await sends(post)
    assert not taken.mails
    taken.answer = "250 OK"
    await sends(post)
    assert len(taken.mails) == 1, "the next try is another one"


async def test_a_server_that_is_away_or_says_nothing_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.05)
    silent = await house.listens(asyncio.Protocol, None)
    nobody = await asyncio.get_running_loop().create_server(asyncio.Protocol, HOST, 0)
    closed = int(nobody.sockets[0].getsockname()[1])
    nobody.close()
    await nobody.wait_closed()
    for port in (silent, closed):
        async with not_sent("mail_failed", capsys):
            await sends(Smtp(HOST, port, "", "", "none"))


async def test_names_that_are_not_ascii(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    taken = Taken()
    post = await house.server(taken)
    await sends(post, "nora@blåbær.example")
    assert taken.mails[0][0].rcpt_tos == ["nora@xn--blbr-roah.example"]
    async with not_sent("mail_refused", capsys):
        await sends(post, "åse@kunde.example")
    assert len(taken.mails) == 1
    await sends(await house.server(taken, enable_SMTPUTF8=True), "åse@kunde.example")
    assert taken.mails[1][0].rcpt_tos == ["åse@kunde.example"]


@pytest.mark.parametrize(
    "to", ["a,ole@kunde.example", "<ole@kunde.example", "(b)c;d@kunde.example"]
)
async def test_an_address_is_one_mailbox_whatever_is_written_in_it(house: House, to: str) -> None:
    taken = Taken()
    await sends(await house.server(taken), to)
    ((envelope, _),) = taken.mails
    user = to.partition("@")[0]
    assert envelope.rcpt_tos == [f'"{user}"@kunde.example']
    assert isinstance(envelope.content, bytes)
    read: Any = email.message_from_bytes(envelope.content, policy=default)
    assert [one.username for one in read["To"].addresses] == [user]
    assert read["Bcc"] is None


@pytest.mark.parametrize(
    "to", ["a@kunde.example,ole", "a@x>.example", "a@-.\u2028.example", f"a@{'x' * 64}.example", "a@b", "a"]
)  # fmt: skip
def test_what_is_no_domain_is_no_address(to: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        mailbox(to)
    assert refused.value.code == "address_wrong"


@pytest.mark.parametrize("to", ["a\r\nBcc: ole@kunde.example", "a\nBcc: ole"])
def test_no_line_of_its_own_comes_into_the_head(to: str) -> None:
    with pytest.raises(ValueError, match="CR or LF"):
        mailbox(f"{to}@kunde.example")
