"""Only a noun's own module sets its status, and only through its transition table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("models", "tasks", "flows", "api", "templates", "wufang")
MODULES = [
    path.relative_to(ROOT)
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations/versions" not in path.as_posix()
]
# Statements over many rows or on the way that is walked most: in the noun's own package, under the stage's or session's lock.
STATEMENTS = {
    "models/consultation/settling.py",
    "models/consultation/opinions.py",
    "models/training/place_tables.py",
}
ANSWERS = {"api/replaying.py"}  # an HTTP status


def targets(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement assigns to, tuples taken apart."""
    given = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    for one in given:
        if isinstance(one, ast.Tuple):
            yield from one.elts
        elif isinstance(one, ast.expr):
            yield one


def is_move(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "move"


def set_around(text: str) -> list[int]:
    """Lines that set a `status` in another way than `self.status = move(…)`."""
    lines: list[int] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            named = [one for one in targets(node) if isinstance(one, ast.Attribute) and one.attr == "status"]
            own = all(isinstance(one.value, ast.Name) and one.value.id == "self" for one in named)
            if named and not (own and is_move(node.value)):
                lines.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            lines += [
                node.lineno for name in node.args[1:2] if isinstance(name, ast.Constant) and name.value == "status"
            ]
    return lines


def updated(text: str) -> list[int]:
    """Lines with `.values(status=…)`: a statement that sets it."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "values"
        if any(one.arg == "status" for one in node.keywords)
    ]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_status_is_set_through_its_table(module: Path) -> None:
    text = (ROOT / module).read_text(encoding="utf-8")
    assert module.as_posix() in ANSWERS or set_around(text) == []
    assert module.as_posix() in STATEMENTS or updated(text) == []


def test_those_named_as_exceptions_are_some() -> None:
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in STATEMENTS | ANSWERS}
    assert all(updated(texts[name]) for name in STATEMENTS)
    assert all(set_around(texts[name]) for name in ANSWERS)


@pytest.mark.parametrize(
    "wrong",
    [
        "seat.status = SeatStatus.CLOSED",
        "self.status = SeatStatus.CLOSED",
        "self.status, self.at = to, at",
        "seat.status = move('seat', MOVES, now, to)",
        "setattr(seat, 'status', to)",
    ],
)
def test_the_rule_sees_what_it_forbids(wrong: str) -> None:
    assert set_around(wrong) == [1]


def test_the_rule_lets_a_guarded_move_pass() -> None:
    assert set_around("self.status = move('seat', MOVES, self.status, to)") == []
    assert updated("update(Seat).values(status=to)") == [1]
