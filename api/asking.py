"""Who asks, and how an answer is read or written: the bearer of a token, identified in the transaction that acts."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.database import Database
from models.errors import NotLoggedIn
from models.hats import HatGone, as_deputy
from models.officer import Identity, identify
from models.settings import Settings

T = TypeVar("T")

ACTING_FOR = "Wufang-Acting-For"  # the header with the id of the absent officer in whose place a deputy acts

bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="wf_…",
    description="A token that `wufang token` made; it acts for its officer. Send it as `Authorization: Bearer wf_…`.",
)


class Ask:
    """One request of a token's bearer at the instant `at`."""

    def __init__(self, request: Request, secret: str) -> None:
        self.request = request
        self.secret = secret
        self.at: datetime = request.app.state.clock()
        self.language: str | None = None  # the officer's, once identified

    @property
    def settings(self) -> Settings:
        """The settings that the application was made with."""
        return self.request.app.state.settings

    @property
    def database(self) -> Database:
        """The application's database."""
        return self.request.app.state.database

    @property
    def vault(self) -> Vault:
        """The vault that opens what is sealed."""
        return self.request.app.state.vault

    @property
    def uploads(self) -> Path:
        """Where workbooks are kept sealed for a day."""
        folder = self.settings.state_dir / "uploads"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    @property
    def photos(self) -> Path:
        """Where riders' photos are kept sealed."""
        return self.settings.state_dir / "photos"

    def identify(self, session: Session) -> Identity:
        """Who asks, in the place of an absent colleague where the request says so. Raises `NotLoggedIn`, `HatGone`."""
        who = identify(session, self.secret, self.at)
        self.language = who.language
        named = self.request.headers.get(ACTING_FOR)
        return who if named is None else as_deputy(session, who, _officer_id(named), self.at)

    def read(self, view: Callable[[Session, Identity], T]) -> T:
        """What `view` finds for whoever asks."""
        with self.database.reading() as session:
            return view(session, self.identify(session))

    async def write(self, act: Callable[[Session, Identity], T]) -> T:
        """Act for whoever asks; done when it is committed.

        The token is looked up by the same command, so authority is that of the commit, and there is one hop only.
        """

        def command(session: Session) -> T:
            return act(session, self.identify(session))

        return await self.database.write_soon(command)


def _officer_id(named: str) -> UUID:
    try:
        return UUID(named)
    except ValueError:
        raise HatGone() from None


async def ask(request: Request, token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Ask:
    """The request of whoever bears the token. Raises `NotLoggedIn` without one."""
    if token is None:
        raise NotLoggedIn()
    asked = Ask(request, token.credentials)
    request.state.ask = asked
    return asked


Asked = Annotated[Ask, Depends(ask)]


def ask_at_once(request: Request) -> Ask:
    """`Asked` without FastAPI's solving of dependencies, which costs as much as the act itself on the busiest route."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret:
        raise NotLoggedIn()
    asked = request.state.ask = Ask(request, secret)
    return asked
