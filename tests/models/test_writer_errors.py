"""A command that a constraint refuses says which error it was, and takes nothing else with it."""

import pytest
from sqlalchemy.exc import IntegrityError

from models.district import Organisation
from models.matter import take_number
from models.protocol.schema import Party, Title
from tests.make import Maker
from wufang.make import keep, new_organisation


def test_a_refused_row_is_an_integrity_error_and_its_neighbours_are_kept(make: Maker) -> None:
    street = make.organisation(Party.STREET)
    same = new_organisation(make.district(), Party.STREET, street.code, Title("同号", "Same code"))
    before = make.database.submit(take_number, "before")
    refused = make.database.submit(keep, [same])
    after = make.database.submit(take_number, "after")
    with pytest.raises(IntegrityError):
        refused.result()
    assert (before.result(), after.result(), make.count(Organisation)) == (1, 1, 1)
    assert make.database.write(take_number, "before") == 2
