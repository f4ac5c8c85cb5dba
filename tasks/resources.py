"""What the steps of one process share: its database, calendar and transport, opened once."""

from functools import cache

from models.crypto import Vault, open_vault
from models.database import Database
from models.logbook import configure_log
from models.settings import Settings


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()


@cache
def database() -> Database:
    """The domain's database, with the one writer of this process.

    Whoever runs only a flow comes by here first, so the log is set up here: unset, it would show people's data.
    """
    configure_log()
    return Database(settings().database)


@cache
def vault() -> Vault:
    """The vault of this installation."""
    return open_vault(settings().state_dir / "keys")


def forget() -> None:
    """Close what is open and read the settings anew: for a process that changes its state folder, as tests do."""
    if database.cache_info().currsize:
        database().close()
    database.cache_clear()
    vault.cache_clear()
    settings.cache_clear()
