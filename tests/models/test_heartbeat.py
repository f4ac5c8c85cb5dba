"""Heartbeats: one row a process, and when its silence counts."""

from datetime import datetime, timedelta

from models import heartbeat
from models.database import Database


def test_the_latest_beat_of_each_process_stands(any_database: Database, at: datetime) -> None:
    any_database.write(heartbeat.beat, "engine", at)
    any_database.write(heartbeat.beat, "other", at)
    any_database.write(heartbeat.beat, "engine", at + timedelta(seconds=5), "Something is wrong.")
    with any_database.reading() as session:
        said = heartbeat.latest(session)
    assert set(said) == {"engine", "other"}
    assert (said["engine"].beat_at, said["engine"].note) == (at + timedelta(seconds=5), "Something is wrong.")


def test_a_process_is_silent_when_it_has_missed_four_beats(database: Database, at: datetime) -> None:
    database.write(heartbeat.beat, "engine", at)
    with database.reading() as session:
        said = heartbeat.latest(session)["engine"]
    assert not said.is_silent(at + timedelta(seconds=20))
    assert said.is_silent(at + timedelta(seconds=20, microseconds=1))
