"""Whether a server answers: asked before a round, so that no round hangs on a Prefect server that is gone."""

import httpx

PATIENCE_SECONDS = 1.0


class Health:
    """A question to one address over a connection that stays open."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False)

    def is_good(self) -> bool:
        """Whether the address answers well within `PATIENCE_SECONDS`."""
        try:
            return self._client.get(self.url).is_success
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
