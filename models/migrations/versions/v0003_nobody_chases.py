"""nobody chases"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import models.base

revision: str = 'v0003'
down_revision: str | None = 'v0002'
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('carried_by_id', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_notice_carried_by_id'), 'notice', ['carried_by_id'], ['id'])
        batch_op.create_index('ix_notice_carried', ['carried_by_id'], unique=False, sqlite_where=sa.text('carried_by_id IS NOT NULL'), postgresql_where=sa.text('carried_by_id IS NOT NULL'))
    with op.batch_alter_table('officer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mail_failed_at', models.base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('mail_trouble', sa.String(), nullable=True))


def downgrade() -> None:
    """Backward."""
    with op.batch_alter_table('officer', schema=None) as batch_op:
        batch_op.drop_column('mail_trouble')
        batch_op.drop_column('mail_failed_at')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_carried', sqlite_where=sa.text('carried_by_id IS NOT NULL'), postgresql_where=sa.text('carried_by_id IS NOT NULL'))
        batch_op.drop_constraint(batch_op.f('fk_notice_carried_by_id'), type_='foreignkey')
        batch_op.drop_column('carried_by_id')
