"""Chat rooms of organisations, for who looks after them: the rules are those of the portal's page."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, SecretStr
from sqlalchemy.orm import Session

from api.asking import Asked
from api.v1.describing import problems
from api.v1.sending import In, Short
from api.v1.shapes import Name, Out
from models.chat import ChatRoom, RoomKind
from models.chat_rooms import RoomDraft, RoomView, add_room, rooms_of, switch, try_room
from models.notice.tables import NoticeStatus
from models.officer import Identity

router = APIRouter(tags=["people"])


class RoomIn(In):
    """A room: the webhook address of its robot, and the robot's signing secret where it has one. Both are never shown."""

    name: Short = Field(examples=["新兴社区工作群"])
    address: SecretStr = Field(
        examples=["https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=00000000-0000-4000-8000-000000000000"]
    )
    secret: SecretStr = SecretStr("")
    language: str = Field("zh", pattern="^(zh|en)$")


class RoomSwitch(In):
    """Whether the room is written to."""

    is_active: bool


class LatestOut(Out):
    """What became of one message."""

    at: datetime
    status: NoticeStatus
    is_trial: bool


class RoomOut(Out):
    """A room. `hint`: the last signs of the robot's token; `trouble`: why its last message was not taken."""

    id: UUID
    organisation_id: UUID
    organisation: Name
    kind: RoomKind
    name: str
    language: str
    hint: str
    has_secret: bool
    is_active: bool
    trouble: str | None
    latest: list[LatestOut]


class RoomsOut(Out):
    """Those in use first."""

    rows: list[RoomOut]


@router.get(
    "/organisations/{organisation_id}/rooms",
    responses=problems(403, 404),
    operation_id="listRooms",
    summary="Chat rooms of an organisation",
)
def list_rooms(organisation_id: UUID, ask: Asked) -> RoomsOut:
    """Of one that I look after."""
    return ask.read(lambda session, who: _listed(rooms_of(session, who, organisation_id)))


@router.post(
    "/organisations/{organisation_id}/rooms",
    status_code=201,
    responses=problems(403, 404, 409, 422),
    operation_id="addRoom",
    summary="Add a chat room",
)
async def post_room(organisation_id: UUID, body: RoomIn, ask: Asked) -> RoomOut:
    """Letters to the organisation are told there from now on. A robot serves one room, so repeating adds nothing."""
    address, secret = body.address.get_secret_value(), body.secret.get_secret_value()
    draft = RoomDraft(body.name, address, secret, body.language, ask.settings.chat_gateway)
    return await ask.write(
        lambda session, who: _room(session, who, add_room(session, who, ask.vault, organisation_id, draft, ask.at))
    )


@router.put(
    "/rooms/{room_id}",
    responses=problems(403, 404, 409, 422),
    operation_id="switchRoom",
    summary="Switch a chat room off or on",
)
async def put_room(room_id: UUID, body: RoomSwitch, ask: Asked) -> RoomOut:
    """What waits for a room that is switched off is cancelled."""
    return await ask.write(
        lambda session, who: _room(session, who, switch(session, who, room_id, ask.at, is_on=body.is_active))
    )


@router.post(
    "/rooms/{room_id}/trials",
    status_code=202,
    responses=problems(403, 404, 409),
    operation_id="tryRoom",
    summary="Send a trial message",
)
async def post_trial(room_id: UUID, ask: Asked) -> RoomOut:
    """One at a time; what became of it stands in `latest`."""
    return await ask.write(lambda session, who: _room(session, who, try_room(session, who, room_id, ask.at)))


def _room(session: Session, who: Identity, room: ChatRoom) -> RoomOut:
    session.flush()
    return next(one for one in _listed(rooms_of(session, who, room.organisation_id)).rows if one.id == room.id)


def _listed(rooms: Sequence[RoomView]) -> RoomsOut:
    return RoomsOut(rows=[RoomOut.model_validate(one) for one in rooms])
