"""nobody chases"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

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

    op.create_table('preference',
    sa.Column('officer_id', sa.Uuid(), nullable=False),
    sa.Column('pace', sa.Enum('at_once', 'hourly', 'daily', name='pace', native_enum=False, length=32), nullable=False),
    sa.Column('quiet_from', sa.Time(), nullable=True),
    sa.Column('quiet_until', sa.Time(), nullable=True),
    sa.Column('without', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_preference_officer_id')),
    sa.PrimaryKeyConstraint('officer_id', name=op.f('pk_preference'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('seat_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('is_gathered', sa.Boolean(), server_default=sa.text('false'), nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_notice_seat_id'), 'seat', ['seat_id'], ['id'])


def downgrade() -> None:
    """Backward."""
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_notice_seat_id'), type_='foreignkey')
        batch_op.drop_column('is_gathered')
        batch_op.drop_column('seat_id')
    op.drop_table('preference')

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_carried', sqlite_where=sa.text('carried_by_id IS NOT NULL'), postgresql_where=sa.text('carried_by_id IS NOT NULL'))
        batch_op.drop_constraint(batch_op.f('fk_notice_carried_by_id'), type_='foreignkey')
        batch_op.drop_column('carried_by_id')
