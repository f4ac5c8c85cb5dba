"""Sizes: a function has at most 40 lines, a module 400, a test module 500. The tail is what people regret."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("api", "benchmarks", "flows", "models", "tasks", "templates", "tests", "wufang")
FUNCTION, MODULE, TEST_MODULE = 40, 400, 500
GENERATED = ROOT / "models" / "migrations" / "versions"


def too_long(path: Path, text: str) -> Iterator[str]:
    """What is too long in one module, a sentence each."""
    most = TEST_MODULE if "tests" in path.parts else MODULE
    lines = text.count("\n")
    if lines > most:
        yield f"{path}: {lines} lines; a module has at most {most}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines; a function has at most {FUNCTION}"


def main() -> int:
    """Print what is too long; 1 where anything is."""
    found = [
        line
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if GENERATED not in path.parents
        for line in too_long(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
    ]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
