"""A round looks at what is due, however much else is open; `python -m benchmarks due_rounds` times it among 100,000."""

from benchmarks.due_rounds import open_ground, read

DUE = 8


def test_a_round_reads_as_much_among_many_as_among_few(tmp_path):
    grounds = [open_ground(tmp_path / str(size), None, size, DUE) for size in (2 * DUE, 1500)]
    few, many = (read(one) for one in grounds)
    for one in grounds:
        one.filled.database.close()
    assert many["plan"][0] == "SEARCH matter USING INDEX ix_matter_wake (kind=? AND wake_at<?)"
    assert many["instructions"] <= 1.1 * few["instructions"]
    assert few["instructions"] > 100 * DUE
