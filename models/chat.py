"""Chat 群消息: what an organisation is told by letter it is also told in its chat rooms, once for each cause.

A room is a group with a robot (WeCom 企业微信, DingTalk 钉钉, Feishu 飞书). Robots take 20 messages a minute, so all
that is due in a room leaves as one message, and two messages of a room lie `GAP` apart. As with letters the alarm is
the lease: a round that dies leaves room and messages due again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, move, only_where, uuid7
from models.notice.gathering import ASKS, settled_seats
from models.notice.tables import MOVES, Letter, Notice, NoticeStatus
from models.officer import Officer
from models.prepared import run, table
from models.upserting import insert_into

GAP = timedelta(seconds=4)  # between the claims of a room: at most 15 in a minute, 17 however slowly they are sent
LEASE = timedelta(minutes=2)
MOST_ROOMS = 50  # in a round
MOST_MESSAGES = 500  # of a room in a round; a text names the first and counts the others
MOST_TRIES = 8
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(hours=1)


class RoomKind(StrEnum):
    """Whose robot it is."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class ChatRoom(Base):
    """A chat room of an organisation. Its robot's token and secret are sealed; `hint` are the token's last signs.

    `next_at`: nothing is sent before; `trouble`: why the last message was not taken, `failures` how many were not since
    one was.
    """

    __tablename__ = "chat_room"
    __table_args__ = (Index("ix_chat_room_token", "token_blind", unique=True, **only_where("is_active")),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[RoomKind]
    name: Mapped[str]
    language: Mapped[str]
    token_sealed: Mapped[str]
    token_blind: Mapped[str]  # so that two rooms never share a robot, whose messages are counted together
    secret_sealed: Mapped[str | None]
    hint: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    next_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    created_at: Mapped[datetime]


class ChatMessage(Base):
    """What one room is told; as a notice it has facts without personal data. `letter` None: a message to try the room."""

    __tablename__ = "chat_message"
    __table_args__ = (Index("ix_chat_message_due", "room_id", "wake_at", **only_where("wake_at IS NOT NULL")),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[str] = mapped_column(unique=True)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("chat_room.id"))
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    seat_id: Mapped[UUID | None] = mapped_column(ForeignKey("seat.id"))
    letter: Mapped[Letter | None]
    facts: Mapped[dict[str, Any]]
    status: Mapped[NoticeStatus] = mapped_column(default=NoticeStatus.CREATED)
    wake_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    def move(self, to: NoticeStatus) -> None:
        """Move to `to`. Raises `IllegalMove` where a notice could not."""
        self.status = move("chat message", MOVES, self.status, to)


@dataclass(frozen=True, slots=True)
class Said:
    """One of the things that a message tells; `letter` None: a trial."""

    message_id: UUID
    letter: Letter | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that is due in a claimed room, with what is needed to send it: plain values, token and secret still sealed."""

    room_id: UUID
    kind: RoomKind
    language: str
    token_sealed: str
    secret_sealed: str | None
    said: tuple[Said, ...]


_ROOM = table(ChatRoom).c
_ROOMS = select(_ROOM.id).where(_ROOM.organisation_id == bindparam("organisation"), _ROOM.is_active)


def write(
    session: Session,
    organisation_id: UUID,
    cause: str,
    matter_id: UUID | None,
    letter: Letter,
    facts: Mapping[str, Any],
    at: datetime,
    seat_id: UUID | None = None,
) -> bool:
    """Tell an organisation's rooms, once for each cause. Returns whether it has any."""
    rooms = [one.id for one in run(session, _ROOMS, {"organisation": organisation_id})]
    rows = [
        {
            "id": uuid7(),
            "key": f"{letter}:{cause}:{room_id}",
            "room_id": room_id,
            "matter_id": matter_id,
            "seat_id": seat_id,
            "letter": letter,
            "facts": dict(facts),
            "status": NoticeStatus.CREATED,
            "wake_at": at,
            "tries": 0,
            "created_at": at,
        }
        for room_id in rooms
    ]
    if rows:
        session.execute(insert_into(session, ChatMessage).values(rows).on_conflict_do_nothing())
    return bool(rows)


def pass_on(session: Session, notice: Notice, at: datetime) -> bool:
    """An officer's letter that cannot be delivered goes to the organisation's rooms, which may have been told already.

    Letters about an account or its duties stay the officer's. Returns whether a room has it now.
    """
    officer = session.get(Officer, notice.officer_id)
    if officer is None or notice.matter_id is None:
        return False
    cause = notice.key.removeprefix(f"{notice.letter}:").removesuffix(f":{officer.id}")
    facts = {name: value for name, value in notice.facts.items() if name != "as_deputy"}
    return write(session, officer.organisation_id, cause, notice.matter_id, notice.letter, facts, at, notice.seat_id)


def is_due(session: Session, at: datetime) -> bool:
    """Whether any room may be told something at `at`."""
    return session.execute(select(ChatRoom.id).where(*_due(at)).limit(1)).first() is not None


def _due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    waits = select(ChatMessage.id).where(ChatMessage.room_id == ChatRoom.id, ChatMessage.wake_at <= at)
    return ChatRoom.is_active.is_(True), ChatRoom.next_at <= at, waits.exists()


def claim(session: Session, at: datetime, size: int = MOST_ROOMS) -> Sequence[Gathered]:
    """Take up to `size` rooms with all that is due in each; until `LEASE` has passed nobody else does.

    What asks for an opinion on a seat that waits for none any more is cancelled.
    """
    query = select(ChatRoom).where(*_due(at)).order_by(ChatRoom.next_at).limit(size)
    rooms = session.scalars(query.with_for_update(skip_locked=True)).all()
    claimed = [(room, _needed(session, room, at)) for room in rooms]
    for room, messages in claimed:
        room.next_at = at + (LEASE if messages else GAP)
        for one in messages:
            one.wake_at, one.tries = at + LEASE, one.tries + 1
    return [_gathered(room, messages) for room, messages in claimed if messages]


def _needed(session: Session, room: ChatRoom, at: datetime) -> list[ChatMessage]:
    query = select(ChatMessage).where(ChatMessage.room_id == room.id, ChatMessage.wake_at <= at)
    due = session.scalars(query.order_by(ChatMessage.id).limit(MOST_MESSAGES).with_for_update()).all()
    settled = settled_seats(session, {one.seat_id for one in due if one.seat_id and one.letter in ASKS})
    needed = [one for one in due if one.letter not in ASKS or one.seat_id not in settled]
    cancel([one for one in due if one not in needed])
    return needed


def _gathered(room: ChatRoom, messages: Sequence[ChatMessage]) -> Gathered:
    said = tuple(Said(one.id, one.letter, one.facts) for one in messages)
    return Gathered(room.id, room.kind, room.language, room.token_sealed, room.secret_sealed, said)


def receive(session: Session, gathered: Gathered, at: datetime) -> None:
    """The robot took the message that was claimed at `at`."""
    room = session.get_one(ChatRoom, gathered.room_id, with_for_update=True)
    room.next_at, room.trouble, room.failures = at + GAP, None, 0
    for one in _of(session, gathered):
        one.move(NoticeStatus.DELIVERED)
        one.wake_at, one.trouble, one.sent_at = None, None, at


def put_back(session: Session, gathered: Gathered, reason: str, at: datetime, wait: timedelta = timedelta(0)) -> None:
    """The room is tried again after `wait` or a delay that doubles; what was tried `MOST_TRIES` times is given up."""
    room = session.get_one(ChatRoom, gathered.room_id, with_for_update=True)
    room.failures, room.trouble = room.failures + 1, reason
    delay = min(FIRST_DELAY * 2 ** min(room.failures - 1, MOST_TRIES), LONGEST_DELAY)
    room.next_at = at + max(wait, delay)
    for one in _of(session, gathered):
        is_over = one.tries >= MOST_TRIES
        one.move(NoticeStatus.TECHNICAL_FAILURE if is_over else NoticeStatus.TEMPORARY_FAILURE)
        one.wake_at, one.trouble = None if is_over else room.next_at, reason


def _of(session: Session, gathered: Gathered) -> Sequence[ChatMessage]:
    """Those messages that still wait for their receipt, locked in one order."""
    ids = [one.message_id for one in gathered.said]
    query = select(ChatMessage).where(ChatMessage.id.in_(ids), ChatMessage.wake_at.is_not(None))
    return session.scalars(query.order_by(ChatMessage.id).with_for_update()).all()


def cancel(messages: Sequence[ChatMessage]) -> None:
    """Nobody needs them any more."""
    for one in messages:
        one.move(NoticeStatus.CANCELLED)
        one.wake_at = None
