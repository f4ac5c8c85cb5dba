"""Chance that can be repeated: everything that is drawn follows from one seed."""

import random


class Chance(random.Random):
    """Python's generator, with the question that the simulation asks most."""

    def happens(self, share: float) -> bool:
        """True in so large a share of cases."""
        return self.random() < share
