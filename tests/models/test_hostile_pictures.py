"""Twenty hostile files of each kind: refused with a sentence or made safe, and the memory bounded."""

import resource
from collections.abc import Iterator

import pytest

from models.decoders import Decoders
from models.errors import RuleBroken
from models.picture_work import MEMORY_BYTES
from models.picturing import EDGE_PIXELS, NotAPicture, Pictures, PictureTooLarge
from tests.hostile_pictures import EACH, KINDS, hostile, is_plain, peak_megabytes

LITTLE_MEGABYTES = 96  # what a process needs that unpacks nothing large; Python and Pillow are half of it


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    """One process, so that its memory is that of all files."""
    with Decoders(1) as decoders:
        yield decoders


def outcome(decoders: Decoders, sent: bytes) -> Pictures | RuleBroken:
    """What becomes of a file."""
    try:
        return decoders.decode(sent)
    except (PictureTooLarge, NotAPicture) as refused:
        return refused


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_files_are_refused_with_a_sentence_or_made_safe(decoders: Decoders, kind: str) -> None:
    files = hostile(kind)
    assert len(files) == len(set(files)) == EACH
    for sent in files:
        got = outcome(decoders, sent)
        if isinstance(got, RuleBroken):
            assert str(got).endswith((".", "。"))
            continue
        assert is_plain(got.picture)
        assert is_plain(got.thumbnail)
        assert max(got.width, got.height) <= EDGE_PIXELS
    for process in decoders.processes():
        assert peak_megabytes(process) * 2**20 < MEMORY_BYTES
        assert resource.prlimit(process, resource.RLIMIT_AS)[0] == MEMORY_BYTES


@pytest.mark.parametrize(
    ("kind", "wanted"), [("100-megapixel", PictureTooLarge), ("renamed", NotAPicture), ("polyglot", Pictures)]
)
def test_what_is_known_at_first_sight_costs_little_and_ends_no_process(
    decoders: Decoders, kind: str, wanted: type
) -> None:
    files = hostile(kind)
    assert [type(outcome(decoders, sent)) for sent in files] == [wanted] * EACH
    (process,) = decoders.processes()
    assert peak_megabytes(process) < LITTLE_MEGABYTES


def test_the_refusal_of_a_hundred_megapixels_tells_the_limits(decoders: Decoders) -> None:
    got = outcome(decoders, hostile("100-megapixel")[0])
    assert "12 MB" in str(got)
    assert "40 million pixels" in str(got)


def test_hostile_files_are_the_same_for_the_same_seed() -> None:
    assert hostile("truncated") == hostile("truncated") != hostile("truncated", 7)
