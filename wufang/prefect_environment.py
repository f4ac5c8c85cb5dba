"""How Prefect is set in our processes: by environment variables, since it reads them while it is imported."""

import os

from models.settings import Settings

DAY_SECONDS = 86_400

# What a client may cost when the server is gone: three repeats are 14 seconds at most, Prefect's five are a minute.
CLIENT = {
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",  # else a call without a server would start one of its own
    "PREFECT_CLIENT_MAX_RETRIES": "3",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",  # a token is for browsers; asking for one costs a request each time
    "PREFECT_API_REQUEST_TIMEOUT": "15",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",  # server and client come from one lock file
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_WORKER_QUERY_SECONDS": "0.5",
    "PREFECT_WORKER_PREFETCH_SECONDS": "0",  # a run is taken when it is due: prefetched ones would only hold threads
    "DO_NOT_TRACK": "1",
}

# What our own server does not need so often, or at all, on a machine that it shares with the engine.
SERVER = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",  # automations: nobody here makes any
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",  # no run of ours pauses
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "15",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "30",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs,orphans",  # the lasting record is our own
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * DAY_SECONDS),
}


def client_environment(settings: Settings) -> dict[str, str]:
    """The environment of a process that calls flows: ours as it is, with Prefect's settings in it."""
    home = {"PREFECT_HOME": str(settings.state_dir / "prefect"), "PREFECT_API_URL": settings.prefect_api}
    return {**os.environ, **CLIENT, **home}


def server_environment(settings: Settings) -> dict[str, str]:
    """The environment of the Prefect server that we start, with its own SQLite file."""
    home = settings.state_dir / "prefect"
    return {
        **client_environment(settings),
        **SERVER,
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(settings.prefect_port),
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui"),
    }
