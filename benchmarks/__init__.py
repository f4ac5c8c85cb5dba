"""Measured claims: `python -m benchmarks` prints them all; each module measures one thing against its peer."""
