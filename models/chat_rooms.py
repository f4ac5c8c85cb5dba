"""Chat rooms of organisations: added, tried, switched off and on, by the organisation's manager or an administrator.

Of a robot's address only its token is kept, sealed: messages go to the vendor's own host, or to the district's gateway,
so that no address leads anywhere else. It is never shown again; `hint` are its last signs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, parse_qs, urlsplit
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.base import uuid7
from models.chat import ChatMessage, ChatRoom, RoomKind, cancel
from models.crypto import Vault
from models.district import Organisation, get_organisation
from models.errors import NotFound, RuleBroken
from models.notice.tables import NoticeStatus
from models.officer import Identity
from models.protocol.schema import Title
from models.staff_act import About, StaffActKind, check_may_manage, may_manage, write_act
from models.words import N_

LONGEST_NAME = 60
HINT = 4  # signs of a token that are shown
HOSTS = {
    "qyapi.weixin.qq.com": RoomKind.WECOM,
    "oapi.dingtalk.com": RoomKind.DINGTALK,
    "open.feishu.cn": RoomKind.FEISHU,
}
PATHS = {
    "/cgi-bin/webhook/send": (RoomKind.WECOM, "key"),
    "/robot/send": (RoomKind.DINGTALK, "access_token"),
}  # with the name under which the query has the token
FEISHU = re.compile(r"/open-apis/bot/v2/hook/([A-Za-z0-9-]{8,128})/?")
TOKENS = {
    RoomKind.WECOM: re.compile(r"[A-Za-z0-9_-]{8,128}"),
    RoomKind.DINGTALK: re.compile(r"[A-Za-z0-9]{8,128}"),
    RoomKind.FEISHU: re.compile(r"[A-Za-z0-9-]{8,128}"),
}
SECRET = re.compile(r"[A-Za-z0-9]{8,128}")
LATEST = 5  # messages of a room that its page shows


class RoomAddressWrong(RuleBroken):
    """Only the three vendors' robots are written to."""

    sentence = N_(
        "This is no robot's address of WeCom, DingTalk or Feishu. Copy the webhook address from the group's robot; it begins with https://qyapi.weixin.qq.com, https://oapi.dingtalk.com or https://open.feishu.cn."
    )
    status = 422


class RoomSecretWrong(RuleBroken):
    """WeCom's robots have none."""

    sentence = N_("This is no signing secret. DingTalk and Feishu show it beside the address; WeCom has none.")
    status = 422


class RoomNameMissing(RuleBroken):
    """People tell rooms apart by their names."""

    sentence = N_("The room's name is missing or longer than {longest} characters. Fill it in.")
    status = 422


class RoomKnown(RuleBroken):
    """A robot takes 20 messages a minute from all its senders together."""

    sentence = N_("This robot is in use for a room already. Add another robot to the group, or switch that room off.")


class TrialUnderWay(RuleBroken):
    """One after another."""

    sentence = N_("A trial message is on its way to this room. Wait until it has arrived or failed.")


class RoomIsOff(RuleBroken):
    """What is off is not written to."""

    sentence = N_("This room is switched off. Switch it on first.")


@dataclass(frozen=True, slots=True)
class Robot:
    """What an address says."""

    kind: RoomKind
    token: str


@dataclass(frozen=True, slots=True)
class RoomDraft:
    """A room as it is entered. `gateway`: the district's own, whose addresses are good as well; empty: none."""

    name: str
    address: str
    secret: str = ""
    language: str = "zh"
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class Latest:
    """A message to a room: when it was sent (or written), and how it stands."""

    at: datetime
    status: NoticeStatus
    is_trial: bool


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room without its secrets; `latest` says what became of its last messages, the newest first."""

    id: UUID
    organisation_id: UUID
    organisation: Title
    kind: RoomKind
    name: str
    language: str
    hint: str
    has_secret: bool
    is_active: bool
    trouble: str | None
    latest: tuple[Latest, ...] = ()


def read_address(address: str, gateway: str = "") -> Robot:
    """The robot that a webhook address names. Raises `RoomAddressWrong` for any host but the vendors' and the gateway."""
    try:
        parts = urlsplit(address.strip())
        is_plain = parts.port is None and parts.username is None and parts.password is None
    except ValueError:
        raise RoomAddressWrong() from None
    found = _robot(parts)
    is_vendors = parts.scheme == "https" and is_plain and found and HOSTS.get(parts.hostname or "") is found.kind
    is_gateways = bool(gateway) and address.strip().startswith(gateway.rstrip("/") + "/")
    if found is None or not (is_vendors or is_gateways):
        raise RoomAddressWrong()
    return found


def _robot(parts: SplitResult) -> Robot | None:
    if hook := FEISHU.fullmatch(parts.path):
        return Robot(RoomKind.FEISHU, hook[1])
    kind, name = PATHS.get(parts.path, (None, ""))
    token = parse_qs(parts.query).get(name, [""])[0]
    return Robot(kind, token) if kind and TOKENS[kind].fullmatch(token) else None


def add_room(
    session: Session, who: Identity, vault: Vault, organisation_id: UUID, draft: RoomDraft, at: datetime
) -> ChatRoom:
    """Add a room to an organisation. Raises `NotFound`, `NotAllowed`, `TakeHatOff` and the rules of this module."""
    check_may_manage(who, organisation_id)
    get_organisation(session, organisation_id)
    robot, secret = read_address(draft.address, draft.gateway), draft.secret.strip()
    if secret and (robot.kind is RoomKind.WECOM or not SECRET.fullmatch(secret)):
        raise RoomSecretWrong()
    room = ChatRoom(
        id=uuid7(),
        organisation_id=organisation_id,
        kind=robot.kind,
        name=_name(draft.name),
        language="en" if draft.language == "en" else "zh",
        token_sealed=vault.seal(robot.token),
        token_blind=vault.blind("chat", f"{robot.kind}:{robot.token}"),
        secret_sealed=vault.seal(secret) if secret else None,
        hint=robot.token[-HINT:],
        is_active=True,
        next_at=at,
        created_at=at,
    )
    _keep(session, room)
    _note(session, who, room, StaffActKind.ROOM_ADDED, at)
    return room


def switch(session: Session, who: Identity, room_id: UUID, at: datetime, *, is_on: bool) -> ChatRoom:
    """Switch a room off (what waits is cancelled) or on. Raises `NotFound`, `NotAllowed`, `TakeHatOff`, `RoomKnown`."""
    room = _managed(session, who, room_id)
    if room.is_active is is_on:
        return room
    room.is_active, room.failures, room.trouble, room.next_at = is_on, 0, None, at
    if is_on:
        _keep(session, room)
    else:
        query = select(ChatMessage).where(ChatMessage.room_id == room.id, ChatMessage.wake_at.is_not(None))
        cancel(session.scalars(query.order_by(ChatMessage.id).with_for_update()).all())
    _note(session, who, room, StaffActKind.ROOM_SWITCHED_ON if is_on else StaffActKind.ROOM_SWITCHED_OFF, at)
    return room


def try_room(session: Session, who: Identity, room_id: UUID, at: datetime) -> ChatRoom:
    """Send a message that only says that the room works. Raises `NotFound`, `NotAllowed`, `RoomIsOff`, `TrialUnderWay`."""
    room = _managed(session, who, room_id)
    if not room.is_active:
        raise RoomIsOff()
    waits = select(ChatMessage.id).where(ChatMessage.room_id == room.id, ChatMessage.wake_at.is_not(None))
    if session.scalar(waits.where(ChatMessage.letter.is_(None)).limit(1)):
        raise TrialUnderWay()
    new = uuid7()
    session.add(
        ChatMessage(id=new, key=f"trial:{new}", room_id=room.id, letter=None, facts={}, wake_at=at, created_at=at)
    )
    return room


def rooms_of(session: Session, who: Identity, organisation_id: UUID) -> Sequence[RoomView]:
    """An organisation's rooms, those in use first. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    check_may_manage(who, organisation_id)
    get_organisation(session, organisation_id)
    query = _with_names().where(ChatRoom.organisation_id == organisation_id)
    rows = session.execute(query.order_by(ChatRoom.is_active.desc(), ChatRoom.id)).all()
    return [view_of(room, body.name, _latest(session, room.id)) for room, body in rows]


def organisation_of(session: Session, who: Identity, room_id: UUID) -> UUID:
    """Whose room it is. Raises `NotFound`, `NotAllowed`, `TakeHatOff`."""
    return _managed(session, who, room_id, is_read=True).organisation_id


def troubled_rooms(session: Session) -> Sequence[RoomView]:
    """The rooms of the district whose last message was not taken."""
    query = _with_names().where(ChatRoom.is_active, ChatRoom.trouble.is_not(None))
    return [view_of(room, body.name) for room, body in session.execute(query.order_by(ChatRoom.id))]


def view_of(room: ChatRoom, organisation: Title, latest: tuple[Latest, ...] = ()) -> RoomView:
    """A room as it is shown."""
    return RoomView(
        id=room.id,
        organisation_id=room.organisation_id,
        organisation=organisation,
        kind=room.kind,
        name=room.name,
        language=room.language,
        hint=room.hint,
        has_secret=room.secret_sealed is not None,
        is_active=room.is_active,
        trouble=room.trouble,
        latest=latest,
    )


def _with_names() -> Select[ChatRoom, Organisation]:
    return select(ChatRoom, Organisation).join(Organisation, Organisation.id == ChatRoom.organisation_id)


def _latest(session: Session, room_id: UUID) -> tuple[Latest, ...]:
    query = select(ChatMessage).where(ChatMessage.room_id == room_id).order_by(ChatMessage.id.desc()).limit(LATEST)
    return tuple(
        Latest(one.sent_at or one.created_at, one.status, one.letter is None) for one in session.scalars(query)
    )


def _name(name: str) -> str:
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise RoomNameMissing(longest=LONGEST_NAME)
    return name.strip()


def _managed(session: Session, who: Identity, room_id: UUID, *, is_read: bool = False) -> ChatRoom:
    check_may_manage(who, who.organisation_id)
    room = session.get(ChatRoom, room_id, with_for_update=not is_read)
    if room is None or not may_manage(who, room.organisation_id):
        raise NotFound()
    return room


def _keep(session: Session, room: ChatRoom) -> None:
    try:
        with session.begin_nested():
            session.add(room)
            session.flush()
    except IntegrityError:
        raise RoomKnown() from None


def _note(session: Session, who: Identity, room: ChatRoom, kind: StaffActKind, at: datetime) -> None:
    about = About(room.organisation_id, details={"kind": room.kind.value, "room": room.name})
    write_act(session, who.officer_id, kind, about, at)
