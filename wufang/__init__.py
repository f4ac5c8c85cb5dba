"""The command `wufang`: start, seed, check, issue tokens."""
