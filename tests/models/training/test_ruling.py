"""The district's file of training: what it says, and what is said of it where it is wrong."""

import pytest
import yaml

from models.calendars import DISTRICTS, DistrictFileWrong
from models.training.problem import Weights
from models.training.ruling import CodeUnknown, load_training, training_rules

FILE = DISTRICTS / "410811.training.yaml"


def test_the_districts_file_says_what_the_solver_and_the_places_need():
    rules = training_rules()
    assert rules.peaks == [(630, 810), (1020, 1200)]
    assert rules.timetable.points == Weights()
    assert rules.hours("2-afternoon") == (2, 810, 1020)
    assert rules.topic("ebike").kind == "course"
    assert rules.kind("course").certificate


@pytest.mark.parametrize("code", ["8-morning", "1-night", "morning", ""])
def test_a_time_that_there_is_not_is_refused(code):
    with pytest.raises(CodeUnknown):
        training_rules().hours(code)


@pytest.mark.parametrize(
    ("change", "key", "why"),
    [
        ({"peaks": ["13:30-10:30"]}, "peaks.0", "does not end after it begins"),
        ({"peaks": ["noon"]}, "peaks.0", "is not a period"),
        ({"topics": [{"code": "x1", "kind": "none", "title": {"zh": "一", "en": "One"}}]}, "file", "no kind none"),
        ({"kinds": [{"code": "course", "title": {"zh": "课"}}]}, "kinds.0.title.en", "required"),
        (
            {"circle": {"minutes": 0, "detour": 1.3, "foot_kmh": 4.5, "ebike_kmh": 15}},
            "circle.minutes",
            "greater than 0",
        ),
        ({"more": 1}, "more", "not permitted"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, change, key, why):
    wrong = tmp_path / "wrong.training.yaml"
    wrong.write_text(yaml.safe_dump(yaml.safe_load(FILE.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(DistrictFileWrong) as broken:
        load_training(wrong)
    assert key in str(broken.value)
    assert why in str(broken.value)
