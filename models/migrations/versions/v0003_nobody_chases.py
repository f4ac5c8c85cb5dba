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
    op.create_table('mail_event',
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('notice_id', sa.Uuid(), nullable=False),
        sa.Column('kind', sa.Enum('processed', 'deferred', 'blocked', 'given_up', 'delivered', 'spam', 'bounce', 'dropped', name='newskind', native_enum=False, length=32), nullable=False),
        sa.Column('at', models.base.UtcDateTime(), nullable=False),
        sa.Column('received_at', models.base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_mail_event_notice_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_event')),
    )
    with op.batch_alter_table('mail_event', schema=None) as batch_op:
        batch_op.create_index('ix_mail_event_at', ['at'], unique=False)
        batch_op.create_index('ix_mail_event_received', ['received_at'], unique=False)
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.add_column(sa.Column('moved_at', models.base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('unclear_at', models.base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('news', sa.Enum('processed', 'deferred', 'blocked', 'given_up', 'delivered', 'spam', 'bounce', 'dropped', name='newskind', native_enum=False, length=32), nullable=True))
        batch_op.add_column(sa.Column('news_at', models.base.UtcDateTime(), nullable=True))
        batch_op.create_index('ix_notice_failed', ['id'], unique=False, sqlite_where=sa.text("status IN ('permanent-failure', 'technical-failure')"), postgresql_where=sa.text("status IN ('permanent-failure', 'technical-failure')"))
    with op.batch_alter_table('officer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mail_failed_at', models.base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('mail_trouble', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('mail_good_at', models.base.UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Backward."""
    with op.batch_alter_table('officer', schema=None) as batch_op:
        batch_op.drop_column('mail_good_at')
        batch_op.drop_column('mail_trouble')
        batch_op.drop_column('mail_failed_at')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_failed', sqlite_where=sa.text("status IN ('permanent-failure', 'technical-failure')"), postgresql_where=sa.text("status IN ('permanent-failure', 'technical-failure')"))
        batch_op.drop_column('news_at')
        batch_op.drop_column('news')
        batch_op.drop_column('unclear_at')
        batch_op.drop_column('moved_at')
    with op.batch_alter_table('mail_event', schema=None) as batch_op:
        batch_op.drop_index('ix_mail_event_received')
        batch_op.drop_index('ix_mail_event_at')
    op.drop_table('mail_event')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_carried', sqlite_where=sa.text('carried_by_id IS NOT NULL'), postgresql_where=sa.text('carried_by_id IS NOT NULL'))
        batch_op.drop_constraint(batch_op.f('fk_notice_carried_by_id'), type_='foreignkey')
        batch_op.drop_column('carried_by_id')
