"""Preferences: how an officer's letters come (at once, hourly, daily), the quiet hours, and what is done without.

Which letters can be done without, and which neither wait nor keep quiet, stands in one table, `MANNERS`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base
from models.clock import SHANGHAI
from models.errors import RuleBroken
from models.notice.tables import Letter
from models.words import N_
from models.working_time import DAY, NoWorkingTime, WorkCalendar

DAILY_AT = time(8, 30)  # in Shanghai, on working days
HOUR = timedelta(hours=1)
LONGEST_SEARCH_DAYS = 400  # no holiday lasts longer


class QuietUnclear(RuleBroken):
    """Quiet hours have a beginning and an end."""

    sentence = N_("Quiet hours need a beginning and an end that differ. Fill in both times, or leave both empty.")
    status = 422


class PaceUnknown(RuleBroken):
    """One of the three."""

    sentence = N_("Choose how your letters come: at once, hourly, or once a working day.")
    status = 422


class NotOptional(RuleBroken):
    """Somebody waits for what these letters ask."""

    sentence = N_("You can only do without letters that ask nothing of you. Choose among those that are listed.")
    status = 422


class Pace(StrEnum):
    """How letters come. Those that pass (see `MANNERS`) always come at once."""

    AT_ONCE = "at_once"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Manner:
    """`is_optional`: an officer can do without such letters. `passes`: it waits for no digest and no quiet hours' end."""

    is_optional: bool = False
    passes: bool = False


WAITS, OPTIONAL, PASSES = Manner(), Manner(is_optional=True), Manner(passes=True)
MANNERS: dict[Letter, Manner] = {
    Letter.INVITATION: WAITS,
    Letter.REMINDER: WAITS,
    Letter.ESCALATION: PASSES,
    Letter.LATE: PASSES,
    Letter.COPY: OPTIONAL,  # the result as a copy is one
    Letter.RESULT: WAITS,
    Letter.HANDED: WAITS,
    Letter.ADVICE: WAITS,
    Letter.URGED: PASSES,
    Letter.QUESTION: OPTIONAL,
    Letter.REPLY: OPTIONAL,
    Letter.ANSWERED_FOR_YOU: WAITS,
    Letter.RELEASED: WAITS,
    Letter.WITHDRAWN: WAITS,
    Letter.ACCOUNT_INVITATION: PASSES,
    Letter.PASSWORD_RESET: PASSES,
    Letter.PASSWORD_CHANGED: PASSES,
    Letter.DEPUTY_APPOINTED: PASSES,
    Letter.SEATS_HANDED_OVER: PASSES,
    Letter.UNREACHED: WAITS,
    Letter.MAIL_FAILED: WAITS,
    Letter.UNSEEN: PASSES,
    Letter.EXTENSION_ASKED: PASSES,  # it lapses at the deadline
    Letter.EXTENSION_ANSWERED: PASSES,
    Letter.REPORT_TASK: WAITS,
    Letter.REPORT_ESCALATION: PASSES,
    Letter.REPORT_LATE: PASSES,
    Letter.REPORT_PARKED: WAITS,
    Letter.ENROLMENT_ASKED: WAITS,
    Letter.TRAINING_PUBLISHED: OPTIONAL,
    Letter.DIGEST: PASSES,  # what it gathers has waited
}
OPTIONAL_LETTERS = tuple(letter for letter, manner in MANNERS.items() if manner.is_optional)


class Preference(Base):
    """What an officer has chosen; an officer without a row has chosen nothing: everything comes at once."""

    __tablename__ = "preference"
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    pace: Mapped[Pace] = mapped_column(default=Pace.AT_ONCE)
    quiet_from: Mapped[time | None]  # in Shanghai, inclusive
    quiet_until: Mapped[time | None]  # exclusive; earlier than `quiet_from`: on the next day
    without: Mapped[list[Any]] = mapped_column(default=list)  # values of optional letters

    @property
    def chosen(self) -> "Chosen":
        """The choice as a plain value."""
        quiet = (
            (self.quiet_from, self.quiet_until)
            if self.quiet_from is not None and self.quiet_until is not None
            else None
        )
        return Chosen(self.pace, quiet, frozenset(Letter(one) for one in self.without))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice. `quiet`: from when until when, in Shanghai, possibly across midnight; None: never."""

    pace: Pace = Pace.AT_ONCE
    quiet: tuple[time, time] | None = None
    without: frozenset[Letter] = frozenset()

    def wants(self, letter: Letter) -> bool:
        """Whether such letters are written at all."""
        return letter not in self.without or not MANNERS[letter].is_optional


NOTHING_CHOSEN = Chosen()


def due_for(
    chosen: Chosen, letter: Letter, at: datetime, calendar: WorkCalendar, deadline: datetime | None = None
) -> tuple[datetime, bool]:
    """When a letter that is written at `at` shall leave (UTC), and whether with others that wait too.

    Hourly: the next full hour; daily: the next working day's 08:30. What asks for something before that (`deadline`)
    does not wait. Quiet hours put it off to their end; what they put off is gathered as well.
    """
    if MANNERS[letter].passes:
        return at, False
    wake_at = _at_pace(chosen.pace, at, calendar)
    if deadline is not None and at < deadline <= wake_at:
        wake_at = at
    wake_at = after_quiet(chosen.quiet, wake_at)
    return wake_at, wake_at > at


def after_quiet(quiet: tuple[time, time] | None, at: datetime) -> datetime:
    """`at` itself outside the quiet hours, else their end (UTC)."""
    if quiet is None:
        return at
    begins, ends = quiet
    local = at.astimezone(SHANGHAI)
    now = local.time()
    is_quiet = begins <= now < ends if begins < ends else now >= begins or now < ends
    if not is_quiet:
        return at
    day = local.date() if now < ends else local.date() + DAY
    return datetime.combine(day, ends, SHANGHAI).astimezone(UTC)


def _at_pace(pace: Pace, at: datetime, calendar: WorkCalendar) -> datetime:
    if pace is Pace.HOURLY:
        return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    return at if pace is Pace.AT_ONCE else _next_morning(at, calendar)


def _next_morning(at: datetime, calendar: WorkCalendar) -> datetime:
    """The first 08:30 of a working day after `at`. Raises `NoWorkingTime`."""
    local = at.astimezone(SHANGHAI)
    day = local.date() if local.time() < DAILY_AT else local.date() + DAY
    for _ in range(LONGEST_SEARCH_DAYS):
        if calendar.is_working_day(day):
            return datetime.combine(day, DAILY_AT, SHANGHAI).astimezone(UTC)
        day += DAY
    raise NoWorkingTime(day=at.date())


def chosen_by(session: Session, officer_id: UUID) -> Chosen:
    """What the officer has chosen."""
    found = session.get(Preference, officer_id)
    return found.chosen if found else NOTHING_CHOSEN


def set_choice(session: Session, officer_id: UUID, chosen: Chosen) -> None:
    """From now on that. Raises `QuietUnclear`, `NotOptional`."""
    _check(chosen)
    kept = session.get(Preference, officer_id) or Preference(officer_id=officer_id)
    kept.pace = chosen.pace
    kept.quiet_from, kept.quiet_until = chosen.quiet or (None, None)
    kept.without = sorted(one.value for one in chosen.without)
    session.add(kept)
    session.flush()


def quiet_hours(begins: time | None, ends: time | None) -> tuple[time, time] | None:
    """Both times as quiet hours, none where both are missing. Raises `QuietUnclear`."""
    if begins is None and ends is None:
        return None
    if begins is None or ends is None or begins == ends:
        raise QuietUnclear()
    return begins, ends


def optional_letters(names: Iterable[str]) -> frozenset[Letter]:
    """The letters of these names. Raises `NotOptional`."""
    try:
        return frozenset(Letter(one) for one in names)
    except ValueError:
        raise NotOptional() from None


def _check(chosen: Chosen) -> None:
    if chosen.quiet is not None and chosen.quiet[0] == chosen.quiet[1]:
        raise QuietUnclear()
    if not chosen.without <= set(OPTIONAL_LETTERS):
        raise NotOptional()
