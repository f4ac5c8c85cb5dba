"""Which department has which function, by name: protocols name the function only."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.district import Organisation
from models.protocol.schema import Title


def department_names(session: Session) -> Mapping[str, Title]:
    """The departments' names by their function."""
    query = select(Organisation.function, Organisation.name_zh, Organisation.name_en)
    rows = session.execute(query.where(Organisation.function.is_not(None)).order_by(Organisation.code))
    return {str(function): Title(zh, en) for function, zh, en in rows}
