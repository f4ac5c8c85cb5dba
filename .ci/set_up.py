"""Make the environment in `.venv` from requirements.lock and the front-end parts from package-lock.json.

Needs Python 3.11 or later and nothing else; does nothing where what is there is from the same locks.
"""

import hashlib
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "set-up.sha256"
LOCKS = ("requirements.lock", "package-lock.json", "pyproject.toml")


def main() -> int:
    """Set up, a line of progress each step; returns the exit code."""
    if sys.version_info < (3, 11):
        print(
            f"Wufang needs Python 3.11 or later; this is {sys.version.split()[0]}. Try: make PYTHON=python3.12",
            file=sys.stderr,
        )
        return 2
    digest = hashlib.sha256(b"".join((ROOT / name).read_bytes() for name in LOCKS)).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == digest:
        return 0
    python = VENV / "bin" / "python"
    if not (VENV / "bin" / "pip").exists():  # a start that was broken off may have left a part of it
        step("Python environment", make_environment)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    step("Python packages", lambda: run([*pip, "--require-hashes", "--requirement", "requirements.lock"]))
    step("Wufang itself", lambda: run([*pip, "--no-deps", "--no-build-isolation", "--editable", "."]))
    step("front-end parts", lambda: run([str(python), "-m", "wufang.assets"]))
    STAMP.write_text(digest)
    return 0


def make_environment() -> None:
    """The empty environment; Debian's Python has what it takes in a package of its own."""
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except subprocess.CalledProcessError:
        sys.exit("\nThis Python cannot make environments (no ensurepip). On Debian or Ubuntu: apt install python3-venv")


def step(what: str, act: Callable[[], object]) -> None:
    """One line: what is done, and how long it took."""
    print(f"  {what} …", end="", flush=True)
    begun = time.monotonic()
    act()
    print(f" {time.monotonic() - begun:.1f} s", flush=True)


def run(words: list[str]) -> None:
    """Run a command; its output is shown only where it fails."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ)
    if done.returncode:
        print(f"\n{done.stdout}{done.stderr}", file=sys.stderr)
        sys.exit(f"Set-up stopped: `{' '.join(words[-3:])}` failed with the words above.")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nSet-up was stopped; the next `make` goes on with it.")
