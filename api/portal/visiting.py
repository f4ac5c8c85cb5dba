"""Who visits the portal: the session's cookie, the reader's language, the word that forms must carry back."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request, Response

from models.crypto import Vault
from models.database import Database
from models.district import get_organisation
from models.errors import NotLoggedIn, RuleBroken
from models.officer import SESSION_HOURS, Identity, get_officer, identify
from models.protocol.schema import Title
from models.settings import Settings

SESSION = "wufang_session"
LANGUAGE = "wufang_language"
LANGUAGES = ("zh", "en")
THEME = "wufang_look"
THEMES = ("light", "dark")
A_YEAR = 365 * 24 * 3600
NOBODY = Title("", "")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who reads a page: `who` is None before the log-in. `secret` is the session's, empty without one."""

    language: str
    who: Identity | None = None
    secret: str = field(default="", repr=False)
    name: str = ""
    organisation: Title = NOBODY

    @property
    def is_administrator(self) -> bool:
        """Whether the visitor sees the whole district."""
        return self.who is not None and self.who.is_administrator

    @property
    def form_word(self) -> str:
        """The word that a form of this session carries: masked anew each time, since pages are sent compressed."""
        mask = secrets.token_hex(16)
        return f"{mask}{_seal(self.secret, mask)}"

    def has_sent(self, word: str) -> bool:
        """Whether a form's word belongs to this session."""
        mask, sent = word[:32], word[32:]
        return hmac.compare_digest(_seal(self.secret, mask).encode(), sent.encode())


@dataclass(frozen=True, slots=True)
class Desk(Visitor):
    """A visitor who is logged in."""

    who: Identity = field(kw_only=True)


class LogInFirst(RuleBroken):
    """The page needs a log-in; the portal answers with the log-in page and comes back here afterwards."""

    sentence = NotLoggedIn.sentence
    status = 401


def _seal(secret: str, mask: str) -> str:
    return hmac.new(secret.encode(), f"form:{mask}".encode(), hashlib.sha256).hexdigest()[:32]


def settings_of(request: Request) -> Settings:
    """The settings that the application was made with."""
    return request.app.state.settings


def has_mailbox(settings: Settings) -> bool:
    """Whether letters go to the local mailbox, which the portal then shows."""
    return not settings.sendgrid_api_key.get_secret_value()


def vault_of(request: Request) -> Vault:
    """The vault that opens what is sealed."""
    return request.app.state.vault


def now_of(request: Request) -> datetime:
    """The instant of this request."""
    return request.app.state.clock()


def database_of(request: Request) -> Database:
    """The application's database."""
    return request.app.state.database


def _cookie(request: Request, name: str) -> str:
    """The cookie's full name: bound to the host where the public address is https."""
    return f"__Host-{name}" if settings_of(request).address.startswith("https://") else name


def visit(request: Request) -> Visitor:
    """Who sends this request. An expired or revoked session is nobody's."""
    secret = request.cookies.get(_cookie(request, SESSION), "")
    chosen = request.cookies.get(LANGUAGE, "")
    language = chosen if chosen in LANGUAGES else settings_of(request).language
    if not secret:
        return Visitor(language)
    with database_of(request).reading() as session:
        try:
            who = identify(session, secret, now_of(request))
        except NotLoggedIn:
            return Visitor(language)
        name = get_officer(session, who.officer_id).name
        organisation = get_organisation(session, who.organisation_id).name
    return Desk(who.language, secret=secret, name=name, organisation=organisation, who=who)


def sit_down(visitor: Annotated[Visitor, Depends(visit)]) -> Desk:
    """The visitor, who must be logged in. Raises `LogInFirst`."""
    if not isinstance(visitor, Desk):
        raise LogInFirst()
    return visitor


def remember(request: Request, response: Response, secret: str) -> None:
    """Give the browser the session's secret."""
    _keep(request, response, SESSION, secret, SESSION_HOURS * 3600)


def forget(request: Request, response: Response) -> None:
    """Take the session's secret back from the browser."""
    _keep(request, response, SESSION, "", 0)


def remember_language(request: Request, response: Response, language: str) -> None:
    """A visitor's choice of language; no secret, so its name is not bound to the host."""
    is_https = settings_of(request).address.startswith("https://")
    response.set_cookie(LANGUAGE, language, max_age=A_YEAR, secure=is_https, httponly=True, samesite="lax")


def theme_of(request: Request) -> str:
    """How pages look to this browser: "light", "dark", or "auto" (as the device is set)."""
    chosen = request.cookies.get(THEME, "")
    return chosen if chosen in THEMES else "auto"


def remember_theme(request: Request, response: Response, theme: str) -> None:
    """A browser's choice of looks; no secret either. Anything but light and dark is forgotten: as the device is set."""
    seconds = A_YEAR if theme in THEMES else 0
    is_https = settings_of(request).address.startswith("https://")
    kept = theme if theme in THEMES else ""
    response.set_cookie(THEME, kept, max_age=seconds, secure=is_https, httponly=True, samesite="lax")


def _keep(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    is_https = settings_of(request).address.startswith("https://")
    response.set_cookie(
        _cookie(request, name), value, max_age=seconds, path="/", secure=is_https, httponly=True, samesite="lax"
    )


def local_path(wanted: str) -> str:
    """`wanted` where it is a path of this portal, else the first page: nobody is sent elsewhere after the log-in."""
    parts = urlsplit(wanted)
    is_local = wanted.startswith("/") and not parts.netloc and not parts.scheme
    is_plain = "\\" not in wanted and not wanted.startswith("//") and wanted.isprintable()
    return wanted if is_local and is_plain else "/"


def wanted_after(request: Request) -> str:
    """The page to come back to after the log-in (from a form's answer: to where the form stood)."""
    if request.method not in ("GET", "HEAD"):
        return local_path(urlsplit(request.headers.get("referer", "/")).path)
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def log_in_address(request: Request) -> str:
    """The log-in page, which comes back to the page that was wanted."""
    wanted = wanted_after(request)
    return "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='/')}"


AnyVisitor = Annotated[Visitor, Depends(visit)]
AtDesk = Annotated[Desk, Depends(sit_down)]
