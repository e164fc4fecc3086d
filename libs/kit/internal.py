"""Calls from one service of the house to another's internal port."""

from collections.abc import AsyncIterator

import httpx

from libs.kit.errors import Refused, Unavailable

TIMEOUT_SECONDS = 5.0


class InternalClient:
    """Calls one service, by its name; every call raises Unavailable while it is away."""

    def __init__(self, service: str, base_url: str, token: str) -> None:
        self._service = service
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def call(self, method: str, path: str, **options: object) -> httpx.Response:
        """The whole answer; raises Refused where the other service refuses."""
        answer = await self.open(method, path, **options)
        try:
            await answer.aread()
        except httpx.HTTPError:
            raise Unavailable(self._service) from None
        return answer

    async def open(self, method: str, path: str, **options: object) -> httpx.Response:
        """The answer, of which nothing was read yet: whoever takes it closes it."""
        try:
            request = self._http.build_request(method, path, **options)  # type: ignore[arg-type]
            answer = await self._http.send(request, stream=True)
            if answer.is_error:
                await answer.aread()
        except httpx.HTTPError:
            raise Unavailable(self._service) from None
        if answer.is_server_error:
            raise Unavailable(self._service)
        if answer.is_error:
            error = answer.json()["error"]
            raise Refused(answer.status_code, error["code"], error["message"], error["fix"])
        return answer


async def passed_on(answer: httpx.Response) -> AsyncIterator[bytes]:
    """What another service writes, as it comes; raises Unavailable where that breaks off."""
    try:
        async for piece in answer.aiter_bytes():
            yield piece
    except httpx.HTTPError:
        raise Unavailable("the rest of an answer") from None
    finally:
        await answer.aclose()
