"""Texts that are no protocol, or mean harm: one clear sentence, at once."""

import time

import pytest

from models.protocol.loading import load, parse
from models.protocol.reading import MOST_BYTES, ProtocolWrong

LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "the file is empty"),
        ("# only words\n", 1, "the file is empty"),
        ("- 1", 1, "a mapping is needed here"),
        ("x", 1, "a mapping is needed here"),
        (LAUGHS, 1, "anchors"),
        ("name: x\n---\nname: y\n", 2, "a second document begins here"),
        ("name: x\nversion: [1\ntitle: 2\n", 3, "this is no YAML"),
        ("name: x\nversion: 1\n\x00", 3, "this is no YAML: special characters are not allowed"),
        ("name: " + "[" * 200_000, 1, "more than 20 deep"),
        ("name: x\n" + "".join(" " * n + "-\n" for n in range(600)), None, "more than 20 deep|this is no YAML"),
        ("a" * (MOST_BYTES + 1), 1, "longer than 262144 bytes"),
        ("街" * (MOST_BYTES // 2), 1, "longer than 262144 bytes"),
    ],
)
def test_what_is_no_protocol_gets_a_sentence(text, line, reason):
    begun = time.monotonic()
    with pytest.raises(ProtocolWrong, match=reason) as raised:
        parse("x.v1.yaml", text)
    assert line in {None, raised.value.faults[0].line}
    assert time.monotonic() - begun < 10


def test_a_long_file_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "x.v1.yaml"
    with path.open("wb") as file:
        file.truncate(8 * 1024**3)  # sparse: nothing is written
    with pytest.raises(ProtocolWrong, match=r"x\.v1\.yaml, line 1: the file is longer than"):
        load(path)


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path):
    path = tmp_path / "x.v1.yaml"
    path.write_bytes("name: x\ntitle: 骑手\n".encode("gb18030"))
    with pytest.raises(ProtocolWrong, match="line 2: this is no text in UTF-8"):
        load(path)
