"""Steps that touch the world: each takes ids and values, claims, acts and records; may be run any number of times."""
