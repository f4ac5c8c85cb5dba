"""A district's four weeks of courses, invented from a seed: 35 sites, 60 trainers, 300 sessions, riders with free hours.

Where people and sites are, when they are open and free, follows what the brief and the district's file say: community
service centres are open in office hours, some until nine or ten in the evening; riders are free between the peaks and
late, most on two to five slots of the week, often the same ones within a community; a few sites have a kitchen, computers,
a workshop. Nothing of it is fitted to a solver.
"""

import random
from datetime import date, timedelta
from itertools import count

from models.training.problem import CourseFacts, Hours, Problem, SiteFacts, TrainerFacts, Wanted

FIRST_ON = date(2026, 3, 2)  # a Monday
DAYS = 28
SITES, TRAINERS, SESSIONS = 35, 60, 300
MIDDLE = (35.215, 113.255)
SLOTS = {"morning": (480, 630), "afternoon": (810, 1020), "evening": (1200, 1320)}
LIKES = {"morning": 0.15, "afternoon": 0.45, "evening": 0.4}
TOPICS: dict[str, tuple[str, ...]] = {  # what the course needs
    "ebike": ("workshop",),
    "first_aid": ("dolls",),
    "video": ("projector",),
    "cooking": ("kitchen",),
    "computer": ("computers",),
    "rights": (),
    "health": (),
    "traffic": ("projector",),
    "calligraphy": (),
    "homework": (),
}
HAVE = {"projector": 0.7, "dolls": 0.3, "workshop": 0.2, "computers": 0.25, "kitchen": 0.15}


def invented(seed: int, sites: int = SITES, trainers: int = TRAINERS, sessions: int = SESSIONS) -> Problem:
    """The problem of that seed."""
    chance = random.Random(seed)
    listed = tuple(_site(chance, number) for number in range(sites))
    teachers = [
        (_trainer(chance, number), chance.sample(list(TOPICS), k=chance.choice((1, 2, 2, 3))))
        for number in range(trainers)
    ]
    courses = _courses(chance, teachers, sessions)
    wanted = tuple(one for course, topic in courses for one in _wanted(chance, course, listed))
    return Problem(
        first_on=FIRST_ON,
        last_on=FIRST_ON + timedelta(days=DAYS - 1),
        sites=listed,
        trainers=tuple(one for one, _ in teachers),
        courses=tuple(course for course, _ in courses),
        wanted=wanted,
        seed=seed,
    )


def _place(chance: random.Random) -> tuple[float, float]:
    """Somewhere in the town, more likely near its middle; about ten kilometres across."""
    return MIDDLE[0] + chance.gauss(0, 0.018), MIDDLE[1] + chance.gauss(0, 0.022)


def _site(chance: random.Random, number: int) -> SiteFacts:
    latitude, longitude = _place(chance)
    evening = chance.choices((1050, 1260, 1320), (0.55, 0.2, 0.25))[0]
    week: list[Hours] = [(day, 510, evening) for day in range(1, 6)]
    if chance.random() < 0.5:
        week += [(day, 540, evening) for day in (6, 7)]
    equipment = frozenset(name for name, share in HAVE.items() if chance.random() < share)
    children = chance.choice((0, 0, 6, 10))
    capacity = chance.choice((12, 16, 20, 24, 30, 40, 60))
    return SiteFacts(
        f"s{number:02d}",
        f"实训室{number}",
        f"c{number:02d}",
        latitude,
        longitude,
        capacity,
        tuple(week),
        equipment,
        children,
    )


def _trainer(chance: random.Random, number: int) -> TrainerFacts:
    latitude, longitude = _place(chance)
    kind = chance.random()
    if kind < 0.5:  # office hours
        week: list[Hours] = [(day, 480, 1080) for day in range(1, 6)]
    elif kind < 0.8:  # evenings and weekends
        week = [(day, 1140, 1320) for day in range(1, 6)] + [(day, 480, 1320) for day in (6, 7)]
    else:  # some whole days
        week = [(day, 480, 1320) for day in sorted(chance.sample(range(1, 8), 3))]
    return TrainerFacts(f"t{number:02d}", f"师资{number}", latitude, longitude, tuple(week))


def _courses(
    chance: random.Random, teachers: list[tuple[TrainerFacts, list[str]]], sessions: int
) -> list[tuple[CourseFacts, str]]:
    found: list[tuple[CourseFacts, str]] = []
    left = sessions
    for number in count():
        if not left:
            return found
        topic = chance.choice([one for one in TOPICS if any(one in topics for _, topics in teachers)])
        able = [one.id for one, topics in teachers if topic in topics]
        size = min(left, chance.choices((1, 2, 3, 4, 6), (0.3, 0.25, 0.2, 0.15, 0.1))[0])
        first = chance.choice((0, 0, 0, 7, 14)) if size <= 3 else 0
        window = (FIRST_ON + timedelta(days=first), FIRST_ON + timedelta(days=DAYS - 1))
        course = CourseFacts(
            id=f"k{number:03d}",
            title=topic,
            minutes=chance.choice((60, 90, 90, 120)),
            sessions=size,
            gap_days=chance.choice((1, 2, 3)),
            least=8,
            most=chance.choice((16, 20, 24, 30, 40)),
            trainers=tuple(sorted(chance.sample(able, k=min(len(able), chance.choice((1, 1, 2, 3)))))),
            window=window,
            equipment=frozenset(TOPICS[topic]),
            with_children=topic == "homework",
        )
        found.append((course, topic))
        left -= size
    return found


def _wanted(chance: random.Random, course: CourseFacts, sites: tuple[SiteFacts, ...]) -> list[Wanted]:
    """Riders of some communities near each other, in groups with the same free hours."""
    centre = chance.choice(sites)
    near = sorted(
        sites, key=lambda one: (one.latitude - centre.latitude) ** 2 + (one.longitude - centre.longitude) ** 2
    )
    found: list[Wanted] = []
    for site in near[: chance.randint(3, 12)]:
        for _ in range(chance.randint(1, 3)):
            latitude, longitude = site.latitude + chance.gauss(0, 0.004), site.longitude + chance.gauss(0, 0.005)
            found.append(Wanted(course.id, chance.randint(1, 6), latitude, longitude, site.community, _free(chance)))
    return found


def _free(chance: random.Random) -> tuple[Hours, ...]:
    """Two to five slots of the week: mostly one time of day that the rider keeps free, and some others."""
    usual = chance.choices(list(LIKES), list(LIKES.values()))[0]
    slots: set[tuple[int, str]] = set()
    size = chance.randint(2, 5)
    while len(slots) < size:
        slot = usual if chance.random() < 0.75 else chance.choice(list(SLOTS))
        slots.add((chance.randint(1, 7), slot))
    return tuple(sorted((day, *SLOTS[slot]) for day, slot in slots))
