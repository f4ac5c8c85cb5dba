"""POSTs that create: the first answer once more for a request that comes twice."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.asking import Asked
from models.idempotency import Answered, Keyed, once, recall
from models.officer import Identity

CREATED = 201
Parts = tuple[bytes, ...]


class Once:
    """A POST with its idempotency key, if it has one."""

    def __init__(self, ask: Asked, request: Request, key: str | None) -> None:
        self.ask, self.request, self.key = ask, request, key

    def keyed(self, who: Identity, parts: Parts) -> Keyed:
        """The key with the digest of method, address and what was sent."""
        digest = hashlib.sha256(f"{self.request.method} {self.request.url.path}\0".encode())
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return Keyed(who.officer_id, self.key, digest.hexdigest())

    async def create(self, act: Callable[[Session, Identity], "Made"], *parts: bytes) -> JSONResponse:
        """Act and keep the answer in one transaction. `parts` is what was sent; left out: the body."""
        sent = parts or (await self.request.body(),)

        def command(session: Session, who: Identity) -> Answered:
            keyed = self.keyed(who, sent)
            return once(session, keyed, lambda: act(session, who).to_data(), self.ask.at)

        return answer(await self.ask.write(command))

    def around(self, work: Callable[[Identity], "Made"], *parts: bytes) -> JSONResponse:
        """The same for work that cannot be one transaction (files, Prefect) and does no harm when it is done twice."""
        who = self.ask.read(lambda _, known: known)
        keyed = self.keyed(who, parts)
        with self.ask.database.reading() as session:
            known = recall(session, keyed, self.ask.at)
        if known is not None:
            return answer(known)
        made = work(who).to_data()
        return answer(self.ask.database.write(once, keyed, lambda: made, self.ask.at))


class Made:
    """What a POST made: its shape, status and address."""

    def __init__(self, shape: BaseModel, location: str, status: int = CREATED) -> None:
        self.shape, self.location, self.status = shape, location, status

    def to_data(self) -> dict[str, Any]:
        """JSON-able, as it is kept."""
        return {"status": self.status, "location": self.location, "body": self.shape.model_dump(mode="json")}


def answer(answered: Answered) -> JSONResponse:
    """The answer on the wire, marked where it is a repeat."""
    kept = answered.answer
    headers = {"Location": kept["location"], "Cache-Control": "no-store"}
    if answered.is_replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(kept["body"], kept["status"], headers)


async def take_key(
    ask: Asked,
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="Any word of up to 200 characters, such as a UUID; kept for 24 hours.", examples=["8e03978e"]
        ),
    ] = None,
) -> Once:
    """The POST with its key."""
    return Once(ask, request, idempotency_key)


Creating = Annotated[Once, Depends(take_key)]
