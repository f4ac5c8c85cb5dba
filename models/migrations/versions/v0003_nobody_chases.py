"""nobody chases"""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import models.base
from models.calendars import district_calendar

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
    _add_mail_events()
    _add_preferences_and_chat()
    _add_lateness()
    _add_extension_requests()


def _add_lateness() -> None:
    with op.batch_alter_table('matter', schema=None) as batch_op:
        batch_op.add_column(sa.Column('late_since', models.base.UtcDateTime(), nullable=True))
    with op.batch_alter_table('stage', schema=None) as batch_op:
        batch_op.add_column(sa.Column('has_ties', sa.Boolean(), server_default=sa.text('(false)'), nullable=False))
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.add_column(sa.Column('asked_at', models.base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('answered_minutes', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('late_at', models.base.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('escalated_at', models.base.UtcDateTime(), nullable=True))
        batch_op.create_index('ix_seat_asked_at', ['asked_at'], unique=False)
    for statement in FILLED_IN:
        op.execute(statement)
    _fill_in_minutes()


# Seats that stand for a late one were asked when its time was up, all others when their stage opened, but for a filer's
# own, which its declaration answered at that very instant, and for those whom nobody has asked yet. An open stage whose
# deadline has passed is marked by its next rung.
FILLED_IN = (
    "UPDATE stage SET has_ties = true WHERE status = 'open' AND id IN (SELECT above.stage_id FROM seat AS above"
    " JOIN seat AS late ON late.id = above.stands_for_id WHERE above.status = 'asked' AND late.status = 'asked')",
    "UPDATE seat SET asked_at = (SELECT opened_at FROM stage WHERE stage.id = seat.stage_id)"
    " WHERE status NOT IN ('waiting', 'removed') AND NOT (answered_at IS NOT NULL"
    " AND organisation_id = (SELECT organisation_id FROM matter WHERE matter.id = seat.matter_id)"
    " AND answered_at = (SELECT opened_at FROM stage WHERE stage.id = seat.stage_id))",
    "UPDATE seat SET escalated_at = due_at, late_at = due_at WHERE status <> 'transferred' AND EXISTS"
    " (SELECT 1 FROM seat AS above WHERE above.stands_for_id = seat.id)",
    "UPDATE seat SET asked_at = (SELECT late.late_at FROM seat AS late WHERE late.id = seat.stands_for_id)"
    " WHERE EXISTS (SELECT 1 FROM seat AS late WHERE late.id = seat.stands_for_id AND late.late_at IS NOT NULL)",
    "UPDATE seat SET late_at = due_at WHERE late_at IS NULL AND asked_at IS NOT NULL AND answered_at >= due_at",
    "UPDATE seat SET late_at = due_at WHERE late_at IS NULL AND asked_at IS NOT NULL AND answered_at IS NULL"
    " AND status = 'closed' AND due_at <= (SELECT settled_at FROM stage WHERE stage.id = seat.stage_id)",
    "UPDATE matter SET late_since = (SELECT min(due_at) FROM stage WHERE stage.matter_id = matter.id"
    " AND stage.settled_at >= stage.due_at)"
    " WHERE id IN (SELECT matter_id FROM stage WHERE settled_at >= due_at)",
)


def _fill_in_minutes() -> None:
    """How long those took who have answered, in working minutes; what was deemed is nobody's answer."""
    calendar, part, after = district_calendar(), 5000, uuid.UUID(int=0)
    seat = sa.table('seat', sa.column('id', sa.Uuid()), sa.column('asked_at', models.base.UtcDateTime()),
                    sa.column('answered_at', models.base.UtcDateTime()), sa.column('opinion_id', sa.Uuid()),
                    sa.column('answered_minutes', sa.Integer()))
    opinion = sa.table('opinion', sa.column('id', sa.Uuid()), sa.column('officer_id', sa.Uuid()))
    given = sa.select(seat.c.id, seat.c.asked_at, seat.c.answered_at).join(opinion, opinion.c.id == seat.c.opinion_id)
    given = given.where(seat.c.asked_at.is_not(None), seat.c.answered_at.is_not(None), opinion.c.officer_id.is_not(None))
    fill = sa.update(seat).where(seat.c.id == sa.bindparam('of')).values(answered_minutes=sa.bindparam('minutes'))
    connection = op.get_bind()
    while rows := connection.execute(given.where(seat.c.id > after).order_by(seat.c.id).limit(part)).all():
        connection.execute(fill, [
            {'of': one, 'minutes': calendar.working_minutes_between(asked_at, answered_at)}
            for one, asked_at, answered_at in rows
        ])
        after = rows[-1][0]


def _add_extension_requests() -> None:
    op.create_table('extension_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('matter_id', sa.Uuid(), nullable=False),
    sa.Column('stage_id', sa.Uuid(), nullable=False),
    sa.Column('seat_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('approver_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Enum('asked', 'granted', 'refused', 'lapsed', 'withdrawn', name='extensionstatus', native_enum=False, length=32), nullable=False),
    sa.Column('due_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('until', models.base.UtcDateTime(), nullable=False),
    sa.Column('asked_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('asked_position', sa.Integer(), nullable=False),
    sa.Column('answered_at', models.base.UtcDateTime(), nullable=True),
    sa.Column('answered_position', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['approver_id'], ['organisation.id'], name=op.f('fk_extension_request_approver_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_extension_request_matter_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_extension_request_organisation_id')),
    sa.ForeignKeyConstraint(['seat_id'], ['seat.id'], name=op.f('fk_extension_request_seat_id')),
    sa.ForeignKeyConstraint(['stage_id'], ['stage.id'], name=op.f('fk_extension_request_stage_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extension_request'))
    )
    with op.batch_alter_table('extension_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_extension_request_matter_id'), ['matter_id'], unique=False)
        batch_op.create_index('ix_extension_request_stage', ['stage_id'], unique=False)
        batch_op.create_index('uq_extension_request_open', ['stage_id'], unique=True, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))
        batch_op.create_index('ix_extension_request_approver', ['approver_id', 'due_at'], unique=False, sqlite_where=sa.text("status = 'asked'"), postgresql_where=sa.text("status = 'asked'"))


def _add_mail_events() -> None:
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


def _add_preferences_and_chat() -> None:
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
    op.drop_table('extension_request')
    with op.batch_alter_table('seat', schema=None) as batch_op:
        batch_op.drop_index('ix_seat_asked_at')
        batch_op.drop_column('escalated_at')
        batch_op.drop_column('late_at')
        batch_op.drop_column('answered_minutes')
        batch_op.drop_column('asked_at')
    with op.batch_alter_table('stage', schema=None) as batch_op:
        batch_op.drop_column('has_ties')
    with op.batch_alter_table('matter', schema=None) as batch_op:
        batch_op.drop_column('late_since')
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
