"""The rights desk's addresses for the overview: erasures and receipts of a shop, and what is kept."""

import json
from dataclasses import dataclass

from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.handoff.guard import path_uuid
from services.handoff.refusals import refused
from services.handoff.rightsdesk.counter import Counter


@dataclass(frozen=True)
class Overview:
    """For whoever answers requests to a shop."""

    counter: Counter

    def routes(self) -> list[BaseRoute]:
        """The addresses and their methods."""
        return [
            Route("/api/privacy", self.overview),
            Route("/api/privacy/receipts/{erasure_id}", self.receipt),
        ]

    async def overview(self, asked: Asked) -> Response:
        """Erasures done and running, how old the oldest message is, how late the store deletes."""
        merchant = asked.query_params.get("merchant", "")
        await self.counter.person(asked, merchant)
        return JSONResponse(await self.counter.transcript.overview(merchant))

    async def receipt(self, asked: Asked) -> Response:
        """The receipt of an erasure at `?merchant=`; another shop's is as unknown as none."""
        merchant = asked.query_params.get("merchant", "")
        await self.counter.person(asked, merchant)
        erasure_id = path_uuid(asked, "erasure_id")
        if erasure_id is None:
            raise refused("unknown_request")
        made = await self.counter.transcript.receipt(erasure_id)
        if json.loads(made)["merchant_id"] != merchant:
            raise refused("unknown_request")
        headers = {"content-disposition": 'attachment; filename="erasure-receipt.json"'}
        return Response(made, media_type="application/json", headers=headers)
