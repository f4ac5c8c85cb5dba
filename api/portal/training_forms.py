"""What forms of training carry, read as the domain takes it: hours, ticks, numbers, wishes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from api.portal.guarding import text_of, texts_of
from api.portal.training_looks import clock, grouped
from models.errors import NotFound
from models.protocol.schema import Title
from models.training.conditions import Stated
from models.training.courses import CourseEntry
from models.training.drafting import Asking
from models.training.problem import Hours, Key, RuleKind
from models.training.ruling import DAY_MINUTES, TrainingRules
from models.training.sites import SiteEntry
from models.training.tables import Condition, Course, Site, Trainer
from models.training.trainers import TrainerEntry

HOUR_LINES = 4  # of a form: weekdays with a first and a last time
WISHES = 3  # lines of a form
WRONG = -1  # a number that is none: every rule refuses it, and says which are possible
MOST_DIGITS = 9


def number(text: str) -> int:
    """A whole number; `WRONG` where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else WRONG


def degrees(text: str) -> float:
    """A latitude or longitude; beyond every bound where it is none."""
    try:
        return float(text)
    except ValueError:
        return float("inf")


def day(text: str) -> date | None:
    """A day; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def minute(text: str) -> int | None:
    """`08:30` as minutes of the day; None where it is no time."""
    hours, _, minutes = text.partition(":")
    found = number(hours) * 60 + number(minutes)
    is_time = number(hours) in range(24) and number(minutes) in range(60)
    return found if is_time else None


def identifier(text: str) -> UUID | None:
    """An identifier; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def identifiers(texts: Iterable[str]) -> tuple[UUID, ...]:
    """Those that are identifiers, each once."""
    return tuple(dict.fromkeys(found for one in texts if (found := identifier(one)) is not None))


def hours(form: FormData) -> list[Hours]:
    """The lines of hours that say anything; what is half said becomes hours that no rule lets through."""
    found: list[Hours] = []
    for line in range(1, HOUR_LINES + 1):
        days, first, last = texts_of(form, f"days-{line}"), text_of(form, f"from-{line}"), text_of(form, f"to-{line}")
        if not (days or first or last):
            continue
        begins, ends = minute(first), minute(last)
        until = DAY_MINUTES if ends == 0 else ends
        found += [
            (number(one), WRONG if begins is None else begins, WRONG if until is None else until)
            for one in days or [str(WRONG)]
        ]
    return found


def hours_said(kept: Iterable[Sequence[int]]) -> list[tuple[str, str]]:
    """The same the other way: the fields of a form that say these hours."""
    found: list[tuple[str, str]] = []
    for line, (days, first, last) in enumerate(grouped(kept), start=1):
        found += [(f"days-{line}", str(one)) for one in days]
        found += [(f"from-{line}", clock(first)), (f"to-{line}", clock(last % DAY_MINUTES))]
    return found


def site_entry(form: FormData) -> SiteEntry:
    """A site as it was typed. Raises `NotFound` without a community."""
    ground = text_of(form, "ground").split("/")
    community, owner = identifier(ground[0]), identifier(ground[-1])
    if community is None:
        raise NotFound()
    return SiteEntry(
        name_zh=text_of(form, "name_zh"),
        name_en=text_of(form, "name_en"),
        address=text_of(form, "address"),
        community_id=community,
        owner_id=owner,
        latitude=degrees(text_of(form, "latitude")),
        longitude=degrees(text_of(form, "longitude")),
        capacity=number(text_of(form, "capacity")),
        child_places=number(text_of(form, "child_places") or "0"),
        equipment=texts_of(form, "equipment"),
        hours=hours(form),
    )


def site_said(site: Site) -> FormData:
    """The fields of a site's form as it stands."""
    plain = ("name_zh", "name_en", "address", "latitude", "longitude", "capacity", "child_places")
    said = [(name, str(getattr(site, name))) for name in plain]
    said.append(("ground", f"{site.community_id}/{site.owner_id}"))
    return FormData([*said, *(("equipment", one) for one in site.equipment), *hours_said(site.hours)])


def trainer_entry(form: FormData) -> TrainerEntry:
    """A trainer as they were typed."""
    return TrainerEntry(
        name=text_of(form, "name"),
        email=text_of(form, "email"),
        latitude=degrees(text_of(form, "latitude")),
        longitude=degrees(text_of(form, "longitude")),
        hours=hours(form),
    )


def trainer_said(one: Trainer) -> FormData:
    """The fields of a trainer's form as they stand."""
    said = [(name, str(getattr(one, name) or "")) for name in ("name", "email", "latitude", "longitude")]
    return FormData([*said, *hours_said(one.hours)])


def course_entry(rules: TrainingRules, form: FormData) -> CourseEntry:
    """A course as it was typed; its kind follows from its topic. Raises `CodeUnknown`."""
    topic = rules.topic(text_of(form, "topic"))
    counts = {
        name: number(text_of(form, name) or "0") for name in ("minutes", "session_count", "gap_days", "least", "most")
    }
    return CourseEntry(
        kind=topic.kind,
        topic=topic.code,
        title_zh=text_of(form, "title_zh"),
        title_en=text_of(form, "title_en"),
        words=text_of(form, "words"),
        trainers=identifiers(texts_of(form, "trainers")),
        window_from=day(text_of(form, "window_from")) or date.min,
        window_to=day(text_of(form, "window_to")) or date.min,
        equipment=texts_of(form, "equipment"),
        with_children=text_of(form, "with_children") == "yes",
        **counts,
    )


def course_said(course: Course) -> FormData:
    """The fields of a course's form as it stands."""
    plain = ("topic", "title_zh", "title_en", "words", "minutes", "session_count", "gap_days", "least", "most")
    said = [(name, str(getattr(course, name))) for name in plain]
    said += [("window_from", course.window_from.isoformat()), ("window_to", course.window_to.isoformat())]
    said += [("with_children", "yes")] if course.with_children else []
    return FormData(
        [*said, *(("trainers", str(one)) for one in course.trainers), *(("equipment", one) for one in course.equipment)]
    )


def asking(form: FormData) -> Asking:
    """What a draft is asked for."""
    first, last = day(text_of(form, "first_on")), day(text_of(form, "last_on"))
    chosen = identifiers(texts_of(form, "courses"))
    return Asking(text_of(form, "title_zh"), text_of(form, "title_en"), first or date.min, last or date.min, chosen)


def stated(form: FormData) -> list[Stated]:
    """The wishes or conditions of a form: lines that are kept, and what each of its rows asks."""
    kept = tuple(found for one in texts_of(form, "keep") if (found := number(one)) != WRONG)
    rows = (_row(form, place) for place in range(1, WISHES + 1))
    return [*([Stated(RuleKind.KEEP, lines=kept)] if kept else []), *(one for one in rows if one is not None)]


def _row(form: FormData, place: int) -> Stated | None:
    """One row: what for (`line:7`, `site:…`, `course:…`), which kind, and what that kind needs; None: it asks nothing."""
    kind = text_of(form, f"kind-{place}")
    if kind not in set(RuleKind):
        return None
    scope, _, named = text_of(form, f"for-{place}").partition(":")
    on, site = day(text_of(form, f"day-{place}")), identifier(text_of(form, f"site-{place}"))
    found, count = identifier(named), text_of(form, f"count-{place}")
    return Stated(
        RuleKind(kind),
        lines=(number(named),) if scope == "line" else (),
        sites=(found,) if scope == "site" and found else (),
        courses=(found,) if scope == "course" and found else (),
        days=(on,) if on else (),
        weekdays=tuple(number(one) for one in texts_of(form, f"weekdays-{place}")),
        minute=minute(text_of(form, f"time-{place}")),
        at_sites=(site,) if site else (),
        count=number(count) if count else None,
    )


def named(sites: Iterable[Site]) -> dict[str, Title]:
    """Sites' names by id, as conditions name them."""
    return {str(one.id): Title(one.name_zh, one.name_en) for one in sites}


def row_said(place: int, condition: Condition, lines: Mapping[Key, int]) -> list[tuple[str, str]]:
    """The fields of a row that say a condition again; of what names more than one session or site, the first."""
    body: Mapping[str, Any] = condition.body["body"]
    said = [(f"kind-{place}", condition.kind), (f"for-{place}", _scope(condition.body, lines))]
    said += [(f"weekdays-{place}", str(one)) for one in body.get("weekdays", ())]
    said += [(f"day-{place}", one) for one in body.get("days", ())[:1]]
    said += [(f"site-{place}", one) for one in body.get("sites", ())[:1]]
    said += [(f"time-{place}", clock(body["minute"] % DAY_MINUTES))] if "minute" in body else []
    said += [(f"count-{place}", str(body["count"]))] if "count" in body else []
    return said


def _scope(body: Mapping[str, Any], lines: Mapping[Key, int]) -> str:
    for course, ordinal in body["sessions"]:
        if (course, ordinal) in lines:
            return f"line:{lines[course, ordinal]}"
    named = [f"site:{one}" for one in body["sites"]] + [f"course:{one}" for one in body["courses"]]
    return named[0] if named else ""
