"""What holds for the whole tree: whose packages these are, what README names, and what no file may carry."""

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from models.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILES = [
    ROOT / name
    for name in subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    if name
    and Path(name).suffix in {".py", ".md", ".yaml", ".toml", ".txt", ".html", ".json", ".lock", ".po", ".mako", ""}
]


@pytest.mark.parametrize("name", ["models", "tasks", "flows", "api", "templates", "wufang"])
def test_the_generic_names_are_ours(name):
    assert Path(import_module(name).__path__[0]).resolve() == ROOT / name


def test_readme_names_every_setting_and_no_other():
    ours = {str(field.validation_alias or f"WUFANG_{name.upper()}") for name, field in Settings.model_fields.items()}
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)) == ours


def test_every_make_target_that_readme_names_is_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) <= targets


def test_what_readme_links_is_there():
    links = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_no_file_names_a_machines_folder_or_a_registry():
    forbidden = re.compile(r"(?<![\w.])/(?:root|tmp|work|home/[a-z]+)/|//[a-z.-]*(?:pypi|npmjs|pythonhosted)[a-z]*\.")
    found = [path.name for path in FILES if path.is_file() and forbidden.search(path.read_text(encoding="utf-8"))]
    assert found == []


def test_addresses_of_people_end_in_example():
    address = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+(?!example\b)[a-z]{2,}\b")
    found = [address.findall(path.read_text(encoding="utf-8")) for path in FILES if path.is_file()]
    assert [one for one in found if one] == []
    assert address.search("a.b@" + "mail.shanyang.cn")


def test_no_test_is_skipped_but_for_what_a_machine_lacks():
    named = re.compile(r"pytest\.skip\(|pytest\.importorskip|mark\.skip\b|mark\.xfail|mark\.skipif\((?!.*reason=)")
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    lines = [
        (path.name, line.strip())
        for path in tests
        for line in path.read_text(encoding="utf-8").splitlines()
        if named.search(line)
    ]
    assert lines == [("conftest.py", "pytest.skip(what)")]  # `missing`, which fails in CI instead


def test_builders_and_fakes_patch_no_methods():
    patched = re.compile(r"monkeypatch\.setattr|mock\.patch|from unittest|import unittest|MagicMock")
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    assert [path.name for path in tests if patched.search(path.read_text(encoding="utf-8"))] == []
