"""Alembic's environment: one connection, batch mode for SQLite, our own types compared."""

from alembic import context
from sqlalchemy import create_engine, pool

from models.tables import METADATA, complete_metadata


def run() -> None:
    """Run the migrations on the configured database."""
    url = context.config.get_main_option("sqlalchemy.url")
    assert url is not None
    complete_metadata()
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
