"""Who visits the portal: the session's cookie, the reader's language, the word that forms must carry back."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote, urlsplit
from uuid import UUID

from fastapi import Depends, Request, Response

from api.addresses import client_of
from models.authority import second_factor, sessions
from models.authority.sessions import Limits, Origin, Seated, device_said, network_of
from models.crypto import Vault
from models.database import Database
from models.errors import NotLoggedIn, RuleBroken
from models.hats import HatGone, Rack, rack_of
from models.officer import Identity
from models.protocol.schema import Title
from models.settings import Settings
from models.words import N_

SESSION = "wufang_session"
HALF = "wufang_half"  # between the password and the second factor
DEVICE = "wufang_device"  # tells a browser that has logged in before (models.authority.lockout)
LANGUAGE = "wufang_language"
LANGUAGES = ("zh", "en")
THEME = "wufang_look"
THEMES = ("light", "dark")
A_YEAR = 365 * 24 * 3600
NOBODY = Title("", "")
PASSWORD_PAGE = "/account/password"  # noqa: S105 - an address
SECOND_FACTOR_PAGE = "/account/second-factor"
HAT = "/hat"


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
    """A visitor who is logged in. `first`: the page that must be dealt with before any other; empty: none.

    `who` is who acts: the visitor, or an absent colleague for whom the visitor does (`rack` says whom); `own` is always
    the visitor.
    """

    who: Identity = field(kw_only=True)
    own: Identity = field(kw_only=True)
    rack: Rack = field(kw_only=True)
    credential_id: UUID = field(kw_only=True)
    has_second_factor: bool = False
    first: str = ""


class FirstThis(RuleBroken):
    """A new password or a second factor is due before anything else can be done."""

    sentence = N_("First set what is asked here; then everything else opens again.")
    status = 403

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


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
    return not settings.has_mail_provider or settings.is_pilot


def vault_of(request: Request) -> Vault:
    """The vault that opens what is sealed."""
    return request.app.state.vault


def now_of(request: Request) -> datetime:
    """The instant of this request."""
    return request.app.state.clock()


def database_of(request: Request) -> Database:
    """The application's database."""
    return request.app.state.database


def cookie_of(request: Request, name: str) -> str:
    """What the browser sends under that name; empty for nothing."""
    return request.cookies.get(_cookie(request, name), "")


def _cookie(request: Request, name: str) -> str:
    """The cookie's full name: bound to the host where the public address is https."""
    return f"__Host-{name}" if settings_of(request).address.startswith("https://") else name


def visit(request: Request) -> Visitor:
    """Who sends this request. An expired, idle or revoked session is nobody's."""
    secret = cookie_of(request, SESSION)
    chosen = request.cookies.get(LANGUAGE, "")
    language = chosen if chosen in LANGUAGES else settings_of(request).language
    if not secret:
        return Visitor(language)
    with database_of(request).reading() as session:
        try:
            seated = sessions.seat(session, secret, now_of(request))
        except NotLoggedIn:
            return Visitor(language)
        rack = rack_of(session, seated.identity, seated.acting_for_id, now_of(request))
    if seated.is_due_to_be_seen and not _is_by_itself(request):
        limits = limits_of(request)
        database_of(request).submit(sessions.see, seated.credential_id, limits.idle, now_of(request))
    return Desk(
        seated.identity.language,
        secret=secret,
        name=seated.name,
        organisation=rack.worn.organisation if rack.worn else seated.organisation,
        who=rack.who,
        own=seated.identity,
        rack=rack,
        credential_id=seated.credential_id,
        has_second_factor=seated.has_second_factor,
        first=_first(settings_of(request), seated, now_of(request)),
    )


def _is_by_itself(request: Request) -> bool:
    """Whether an open page asks without anybody at the desk: that keeps no session alive."""
    return "hx-request" in request.headers or "text/event-stream" in request.headers.get("accept", "")


def _first(settings: Settings, seated: Seated, at: datetime) -> str:
    """Where an officer must go before anything else: to set a second factor, or a new password."""
    is_required = second_factor.is_required(settings.second_factor, seated.identity, is_demo=settings.demo)
    if is_required and not (seated.has_second_factor or seated.is_proved_twice):
        return SECOND_FACTOR_PAGE
    days, set_at = settings.password_days, seated.password_set_at
    if days and seated.has_password and (set_at is None or at >= set_at + timedelta(days=days)):
        return PASSWORD_PAGE
    return ""


def owes_factor(request: Request, desk: Desk) -> bool:
    """Whether the district wants a second factor of this officer."""
    settings = settings_of(request)
    return second_factor.is_required(settings.second_factor, desk.own, is_demo=settings.demo)


def come_in(request: Request, visitor: Annotated[Visitor, Depends(visit)]) -> Desk:
    """The visitor, who must be logged in, for the pages where what is due is set. Raises `LogInFirst`.

    A form sent in the place of a colleague who is back is not taken for one's own: raises `HatGone`.
    """
    if not isinstance(visitor, Desk):
        raise LogInFirst()
    if visitor.rack.is_lost and request.method not in ("GET", "HEAD") and request.url.path != HAT:
        raise HatGone()
    return visitor


def sit_down(desk: Annotated[Desk, Depends(come_in)]) -> Desk:
    """The visitor, who must be logged in and owe nothing. Raises `LogInFirst`, `FirstThis`."""
    if desk.first:
        raise FirstThis(desk.first)
    return desk


def limits_of(request: Request) -> Limits:
    """How long sessions live in this district."""
    settings = settings_of(request)
    return Limits(timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes))


def origin_of(request: Request) -> Origin:
    """Where this request comes from, as its officer recognises it in the list of sessions."""
    return Origin(device_said(request.headers.get("user-agent", "")), network_of(client_of(request)))


def remember(request: Request, response: Response, secret: str) -> None:
    """Give the browser the session's secret."""
    keep_cookie(request, response, SESSION, secret, settings_of(request).session_hours * 3600)


def forget(request: Request, response: Response) -> None:
    """Take the session's secret back from the browser."""
    keep_cookie(request, response, SESSION, "", 0)


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


def keep_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Give the browser a value that scripts do not see, for so many seconds; 0 takes it back."""
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
AtDoor = Annotated[Desk, Depends(come_in)]
AtDesk = Annotated[Desk, Depends(sit_down)]
