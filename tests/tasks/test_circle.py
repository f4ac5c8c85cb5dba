"""Maximal covering: better than taking the best one after the other, and as good as trying everything."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.circle import choose_sites


def gain(covers, weights, places) -> int:
    """What a choice covers."""
    return sum(weights[point] for point in set().union(*(covers[place] for place in places)))


def test_two_are_chosen_together_where_the_best_one_alone_misleads():
    covers = [[0, 1, 2, 3], [0, 1, 4], [2, 3, 5]]  # the first covers most; with either other one there are six less one
    chosen = choose_sites(covers, [1] * 6, 2)
    assert (chosen.candidates, chosen.gain, chosen.bound, chosen.is_proven) == ((1, 2), 6, 6, True)


def test_what_is_covered_already_or_adds_nothing_is_not_paid_for():
    chosen = choose_sites([[0, 1], [0], [2]], [1, 1, 0], 3)
    assert (chosen.candidates, chosen.gain) == ((0,), 2)
    assert choose_sites([], [], 2).candidates == ()
    assert choose_sites([[0]], [0], 1).gain == 0


COVERS = st.lists(st.lists(st.integers(0, 7), unique=True, max_size=5), min_size=1, max_size=6)


@given(covers=COVERS, weights=st.lists(st.integers(0, 3), min_size=8, max_size=8), count=st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_nothing_that_could_be_chosen_gains_more(covers, weights, count):
    chosen = choose_sites(covers, weights, count)
    best = max(gain(covers, weights, some) for some in combinations(range(len(covers)), min(count, len(covers))))
    assert chosen.gain == chosen.bound == best
    assert gain(covers, weights, chosen.candidates) == best
    assert len(chosen.candidates) <= count
