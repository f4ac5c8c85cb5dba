"""Photos that no report names, askings that nobody confirmed, the map of reports."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import models.base

revision: str = 'v0007'
down_revision: str | None = 'v0006'
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.create_index('ix_enrolment_asked', ['asked_at'], unique=False, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))

    with op.batch_alter_table('report_photo', schema=None) as batch_op:
        batch_op.create_index('ix_report_photo_digest', ['digest'], unique=False)
        batch_op.create_index('ix_report_photo_thumbnail', ['thumbnail'], unique=False)

    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_index('ix_report_reported')
        batch_op.create_index('ix_report_stuck', ['stuck_at'], unique=False, sqlite_where=sa.text('stuck_at IS NOT NULL'), postgresql_where=sa.text('stuck_at IS NOT NULL'))
        batch_op.add_column(sa.Column('shown_latitude', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('shown_longitude', sa.Double(), nullable=True))
        batch_op.create_index('ix_report_map', ['reported_at', 'shown_latitude', 'shown_longitude'], unique=False)

    rounded = "cast(round(cast({0} as numeric), 3) as double precision)"
    middle = "(select {0} from compound where compound.id = report.compound_id and compound.latitude is not null)"
    shown = ", ".join(
        f"shown_{one} = coalesce({middle.format(one)}, {rounded.format('report.' + one)})" for one in ("latitude", "longitude")
    )
    op.execute(f"update report set {shown}")


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table('report', schema=None) as batch_op:
        batch_op.drop_index('ix_report_map')
        batch_op.drop_index('ix_report_stuck')
        batch_op.drop_column('shown_longitude')
        batch_op.drop_column('shown_latitude')
        batch_op.create_index('ix_report_reported', ['reported_at'], unique=False)

    with op.batch_alter_table('report_photo', schema=None) as batch_op:
        batch_op.drop_index('ix_report_photo_thumbnail')
        batch_op.drop_index('ix_report_photo_digest')

    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.drop_index('ix_enrolment_asked', sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))

