"""What a database cannot keep is refused in a sentence, in reading and in writing, and nothing else is lost."""

import pytest
from sqlalchemy import select

from models.district import Organisation
from models.errors import SignNotKept


def test_a_text_that_postgresql_cannot_keep_is_refused_in_a_sentence(postgres):
    query = select(Organisation.id).where(Organisation.code == "a\0b")
    with postgres.reading() as session, pytest.raises(SignNotKept):
        session.execute(query).all()
    with pytest.raises(SignNotKept):
        postgres.write(lambda session: session.execute(query).all())
    with postgres.reading() as session:
        assert session.scalars(select(Organisation.id)).all() == []
