"""The holders of training: what was wanted, places, what was said of sessions, certificates."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from models.crypto import Vault
from models.people.holding import Holder, Row, Whose
from models.protocol.schema import Title
from models.training.certificates import certificates_of
from models.training.place_tables import Feedback, Place, PlaceStatus
from models.training.ruling import training_rules
from models.training.tables import Course, Event, Need
from models.words import N_


def _own_needs(whose: Whose) -> ColumnElement[bool]:
    unknown = and_(Need.phone_id == whose.phone_id, Need.rider_id.is_(None))
    return unknown if whose.rider_id is None else unknown | (Need.rider_id == whose.rider_id)


def _find_needs(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    rules = training_rules()
    listed = session.scalars(select(Need).where(_own_needs(whose)).order_by(Need.id.desc())).all()
    return [
        {
            "topic": rules.by_topic[one.topic].title.title if one.topic in rules.by_topic else one.topic,
            "free": _joined([rules.slot_title(slot) for slot in one.slots]),
            "since": one.asked_at,
            "until": one.over_at,
        }
        for one in listed
    ]


def _joined(titles: Sequence[Title]) -> Title:
    return Title("、".join(one.zh for one in titles), ", ".join(one.en for one in titles))


def _erase_needs(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    session.execute(delete(Need).where(_own_needs(whose)))


def _find_places(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    query = (
        select(Place, Event, Course)
        .join(Event, Event.id == Place.event_id)
        .join(Course, Course.id == Event.course_id)
        .where(Place.rider_id == whose.rider_id)
        .order_by(Place.id.desc())
    )
    listed = session.execute(query).all() if whose.rider_id else []
    return [
        {
            "course": Title(course.title_zh, course.title_en),
            "status": place.status.value,
            "children": place.children,
            "at": place.asked_at,
            "since": event.starts_at,
            "until": event.ends_at,
        }
        for place, event, course in listed
    ]


def _erase_places(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    """What is to come was given back when the appointments ended; who came is a count without a name."""
    if whose.rider_id is not None:
        over = [PlaceStatus.LAPSED, PlaceStatus.CANCELLED]
        session.execute(delete(Place).where(Place.rider_id == whose.rider_id, Place.status.in_(over)))


def _find_feedback(session: Session, vault: Vault, whose: Whose) -> list[Row]:
    query = select(Feedback).join(Place, Place.id == Feedback.place_id).where(Place.rider_id == whose.rider_id)
    listed = session.scalars(query.order_by(Feedback.at.desc())).all() if whose.rider_id else []
    return [
        {"stars": one.stars, "words": vault.open(one.words_sealed) if one.words_sealed else None, "at": one.at}
        for one in listed
    ]


def _erase_feedback(session: Session, vault: Vault, whose: Whose) -> None:  # noqa: ARG001 - one shape for all holders
    if whose.rider_id is not None:
        mine = select(Place.id).where(Place.rider_id == whose.rider_id)
        session.execute(update(Feedback).where(Feedback.place_id.in_(mine)).values(words_sealed=None))


def _find_certificates(session: Session, vault: Vault, whose: Whose) -> list[Row]:  # noqa: ARG001 - one shape for all holders
    listed = certificates_of(session, whose.rider_id) if whose.rider_id else []
    return [
        {
            "number": one.number,
            "course": Title(course.title_zh, course.title_en),
            "since": one.issued_at,
            "until": one.revoked_at,
        }
        for one, course in listed
    ]


def _leave(session: Session, vault: Vault, whose: Whose) -> None:
    """Nothing to delete: it names nobody."""


NEEDS = Holder("needs", N_("What you want to learn"), N_("Deleted at once."), _find_needs, _erase_needs)
PLACES = Holder(
    "places",
    N_("Places at sessions"),
    N_(
        "Places at sessions to come go to the next at once. That somebody came, or did not, stays without a name, so that it is known how many came."
    ),
    _find_places,
    _erase_places,
)
FEEDBACK = Holder(
    "feedback",
    N_("What you said of sessions"),
    N_("Your words are deleted at once; the stars stay without a name."),
    _find_feedback,
    _erase_feedback,
)
CERTIFICATES = Holder(
    "certificates",
    N_("Certificates"),
    N_("Number and course stay in the register without a name, so that a printed certificate can be checked."),
    _find_certificates,
    _leave,
)
