"""Housekeeping: what is over goes, what is not stays, and again is as good as once."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models import photo
from models.clock import utcnow
from models.idempotency import IdempotentAnswer, Keyed, once
from models.officer import Credential, identify, issue_credential
from models.report.collecting import KeptPhoto
from tasks import resources
from tasks.housekeeping import forget_answers, forget_log_ins, forget_mail_events, forget_photos, forget_uploads
from wufang.make_reports import Reports

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, database: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The steps work on the test's own database."""
    monkeypatch.setenv("WUFANG_STATE_DIR", str(tmp_path))
    resources.forget()
    yield
    resources.forget()


def test_log_ins_that_are_over_go_and_the_others_still_open_the_door(make, at):
    clerk = make.neighbourhood().clerk
    make.database.write(issue_credential, clerk.officer_id, "old", at, DAY)
    secret = make.database.write(issue_credential, clerk.officer_id, "young", at, 2 * DAY)
    assert forget_log_ins.fn(at + DAY - timedelta(seconds=1)) == 0
    assert forget_log_ins.fn(at + DAY) == 1
    assert forget_log_ins.fn(at + DAY) == 0
    assert make.count(Credential) == 1
    with make.database.reading() as session:
        assert identify(session, secret, at + DAY) == clerk


def test_kept_answers_go_after_a_day(make, at):
    clerk = make.neighbourhood().clerk
    for key, moment in (("old", at), ("young", at + DAY / 2)):
        make.database.write(once, Keyed(clerk.officer_id, key, "digest"), dict, moment)
    assert forget_answers.fn(at + DAY) == 1
    assert make.count(IdempotentAnswer) == 1


def test_uploads_lie_where_the_settings_say_and_go_after_a_day(tmp_path, at):
    folder = tmp_path / "uploads"
    folder.mkdir()
    for name, moment in (("old", at - DAY), ("young", at)):
        (folder / name).touch()
        os.utime(folder / name, (0, moment.timestamp()))
    assert forget_uploads.fn(at) == 0
    assert [path.name for path in folder.iterdir()] == ["young"]


def test_photos_that_no_report_names_go_after_two_days(make, tmp_path, at):
    folder, vault, reports = tmp_path / "reports", make.vault, Reports(make, make.neighbourhood())
    named, thumbnail, lost, young = (photo.keep(folder, vault, one) for one in (b"named", b"small", b"lost", b"young"))
    reports.collect(photos=(KeptPhoto(named, thumbnail, 4, 3),))
    for digest, moment in ((named, at - 3 * DAY), (thumbnail, at - 3 * DAY), (lost, at - 2 * DAY), (young, at - DAY)):
        os.utime(folder / digest, (0, moment.timestamp()))
    assert forget_photos.fn(at) == 1
    assert {path.name for path in folder.iterdir()} == {named, thumbnail, young}
    assert forget_photos.fn(at) == 0


def test_a_photo_that_is_sent_again_may_be_named_again(make, tmp_path):
    folder, now = tmp_path / "reports", utcnow()
    digest = photo.keep(folder, make.vault, b"twice")
    os.utime(folder / digest, (0, (now - 3 * DAY).timestamp()))
    photo.keep(folder, make.vault, b"twice")
    assert forget_photos.fn(now) == 0


def test_nothing_to_forget_is_no_trouble(at):
    steps = (forget_uploads, forget_photos, forget_answers, forget_log_ins, forget_mail_events)
    assert [one.fn(at) for one in steps] == [0, 0, 0, 0, 0]
