"""Sessions and what they stand on are kept and read back in Shanghai's time."""

from datetime import timedelta

from models.clock import SHANGHAI
from models.training.tables import EventStatus


def test_a_session_is_kept_with_its_site_trainer_and_course(any_training):
    kept = any_training.get(any_training.event().id)
    assert kept.status is EventStatus.PUBLISHED
    assert kept.starts_at.astimezone(SHANGHAI).hour == 20
    assert kept.ends_at - kept.starts_at == timedelta(minutes=90)
