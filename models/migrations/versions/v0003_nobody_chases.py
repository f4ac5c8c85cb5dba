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

    op.create_table('chat_room',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('wecom', 'dingtalk', 'feishu', name='roomkind', native_enum=False, length=32), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('token_sealed', sa.String(), nullable=False),
    sa.Column('token_blind', sa.String(), nullable=False),
    sa.Column('secret_sealed', sa.String(), nullable=True),
    sa.Column('hint', sa.String(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('next_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(), nullable=True),
    sa.Column('created_at', models.base.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_chat_room_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_room'))
    )
    with op.batch_alter_table('chat_room', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chat_room_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index('ix_chat_room_token', ['token_blind'], unique=True, sqlite_where=sa.text('is_active'), postgresql_where=sa.text('is_active'))

    op.create_table('chat_message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=False),
    sa.Column('matter_id', sa.Uuid(), nullable=True),
    sa.Column('seat_id', sa.Uuid(), nullable=True),
    sa.Column('letter', sa.String(length=32), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('status', sa.String(length=32), nullable=False),
    sa.Column('wake_at', models.base.UtcDateTime(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(), nullable=True),
    sa.Column('created_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('sent_at', models.base.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_chat_message_matter_id')),
    sa.ForeignKeyConstraint(['room_id'], ['chat_room.id'], name=op.f('fk_chat_message_room_id')),
    sa.ForeignKeyConstraint(['seat_id'], ['seat.id'], name=op.f('fk_chat_message_seat_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chat_message')),
    sa.UniqueConstraint('key', name=op.f('uq_chat_message_key'))
    )
    with op.batch_alter_table('chat_message', schema=None) as batch_op:
        batch_op.create_index('ix_chat_message_due', ['room_id', 'wake_at'], unique=False, sqlite_where=sa.text('wake_at IS NOT NULL'), postgresql_where=sa.text('wake_at IS NOT NULL'))


def downgrade() -> None:
    """Backward."""
    op.drop_table('chat_message')
    op.drop_table('chat_room')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_notice_seat_id'), type_='foreignkey')
        batch_op.drop_column('is_gathered')
        batch_op.drop_column('seat_id')
    op.drop_table('preference')

    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_carried', sqlite_where=sa.text('carried_by_id IS NOT NULL'), postgresql_where=sa.text('carried_by_id IS NOT NULL'))
        batch_op.drop_constraint(batch_op.f('fk_notice_carried_by_id'), type_='foreignkey')
        batch_op.drop_column('carried_by_id')
