"""Notices: letters that are due to somebody. A row under a unique key each; sent at least once, shown until received."""
