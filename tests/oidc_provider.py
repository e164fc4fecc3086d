"""A small provider of OpenID Connect, a process of its own: `python -m tests.oidc_provider PORT`.

It logs in whoever it was told to (`POST /told`), checks what a real one checks (redirect address, code
once, PKCE, client secret) and can be told to misbehave.
"""

import hmac
import json
import sys
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from subprocess import DEVNULL, Popen
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.local.ports import HOST, Ports

CLIENT_ID, SECRET = "prat console", "s3cret/with:signs"
SUBJECT = {"sub": "248289761001", "email": "kari@fjellbekk.example", "email_verified": True}


class Provider:
    """Keys, codes, and what it was told."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.keys: list[Any] = [RSAKey.generate_key(2048, {"kid": "rsa"})]
        self.keys.append(ECKey.generate_key("P-256", {"kid": "ec"}))
        self.codes: dict[str, dict[str, str]] = {}
        self.told: dict[str, Any] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.document),
                Route("/keys", self.key_set),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/told", self.tell, methods=["POST"]),
            ]
        )

    async def tell(self, request: Request) -> Response:
        """What to do from now on; everything else as a good provider does it."""
        self.told = await request.json()
        if self.told.get("rotate"):
            self.keys = [RSAKey.generate_key(2048, {"kid": token_urlsafe(4)})]
        return JSONResponse({})

    async def document(self, _request: Request) -> Response:
        return JSONResponse({
            "issuer": self.told.get("issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": self.told.get("token_endpoint", f"{self.issuer}/token"),
            "jwks_uri": f"{self.issuer}/keys",
        })  # fmt: skip

    async def key_set(self, _request: Request) -> Response:
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        good = asked["client_id"] == CLIENT_ID and asked["scope"].split()[0] == "openid"
        if not (good and asked["response_type"] == "code" and asked["code_challenge_method"]):
            return Response("bad request", 400)
        back = {"state": self.told.get("state", asked["state"])}
        if "error" in self.told:
            back["error"] = self.told["error"]
        else:
            back["code"] = token_urlsafe()
            self.codes[back["code"]] = asked
        if "iss" in self.told:
            back["iss"] = self.told["iss"]
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or not self._fits(form, asked, request):
            return JSONResponse({"error": "invalid_grant"}, 400)
        if "status" in self.told:
            return JSONResponse({}, self.told["status"])
        return JSONResponse({"access_token": "x", "token_type": "Bearer"} | self._id_token(asked))

    def _fits(self, form: dict[str, str], asked: dict[str, str], request: Request) -> bool:
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        proof = _encoded(digest)
        scheme, _, pair = request.headers.get("authorization", "").partition(" ")
        known = b64decode(pair).decode() == "prat%20console:s3cret%2Fwith%3Asigns"
        return (
            proof == asked["code_challenge"]
            and form["redirect_uri"] == asked["redirect_uri"]
            and scheme == "Basic"
            and known
        )

    def _id_token(self, asked: dict[str, str]) -> dict[str, str]:
        if self.told.get("no_token"):
            return {}
        now = int(time.time())
        claims = SUBJECT | {
            "iss": self.issuer, "aud": CLIENT_ID, "nonce": asked["nonce"], "iat": now,
            "exp": now + 300,
        }  # fmt: skip
        claims |= self.told.get("claims", {})
        claims |= {name: now + by for name, by in self.told.get("shifted", {}).items()}
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        algorithm = self.told.get("alg", "RS256")
        if algorithm in ("none", "HS256"):
            return self._without_our_key(algorithm, claims)
        key = self.keys[0] if algorithm == "RS256" else self.keys[-1]
        if self.told.get("stranger"):
            key = RSAKey.generate_key(2048, {"kid": "rsa"})
        header = {"alg": algorithm, "kid": key.kid}
        token = jwt.encode(header, claims, key, [algorithm])
        return f"{token[:-8]}AAAAAAAA" if self.told.get("broken") else token

    def _without_our_key(self, algorithm: str, claims: dict[str, Any]) -> str:
        """A token that anybody can make: unsigned, or with our public key for a shared secret."""
        head = {"alg": algorithm, "kid": self.keys[0].kid}
        said = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
        public = self.keys[0].as_pem(private=False)
        mac = hmac.new(public, said.encode(), sha256).digest() if algorithm == "HS256" else b""
        return f"{said}.{_encoded(mac)}"


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@contextmanager
def provider_process() -> Iterator[str]:
    """A provider's process while it is needed; its address."""
    address = f"http://{HOST}:{(port := Ports().any())}"
    command = [sys.executable, "-m", "tests.oidc_provider", str(port)]
    with Popen(command, cwd=Path(__file__).parents[1], stdout=DEVNULL, stderr=DEVNULL) as process:
        while process.poll() is None:
            with suppress(httpx.TransportError):
                httpx.post(f"{address}/told", json={})
                break
        yield address
        process.terminate()


def main(port: int) -> None:
    """Serves until it is ended."""
    app = Provider(f"http://{HOST}:{port}").app()
    uvicorn.run(app, host=HOST, port=port, log_config=None, lifespan="off")


if __name__ == "__main__":
    main(int(sys.argv[1]))
