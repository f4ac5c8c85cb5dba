"""Webhooks: what providers tell by themselves. Each proves who it is by its signature; nobody logs in."""
