"""Migrations: both databases end with the tables that the code says, and what is there already is kept."""

from alembic import command

from models.migrations import configured, upgrade
from models.officer import Officer
from wufang.demo_district import seed


def test_sqlite_has_the_tables_that_the_code_says(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'wufang.db'}"
    upgrade(url)
    command.check(configured(url))


def test_postgresql_has_the_tables_that_the_code_says(postgres_url):
    command.check(configured(postgres_url))


def test_upgrading_a_database_in_use_keeps_what_is_there(any_make, any_database):
    seed(any_database)
    before = any_make.count(Officer)
    upgrade(any_database.url)
    assert any_make.count(Officer) == before
