"""Training and services: sites, trainers, courses, timetables, sessions, places."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import models.base

revision: str = 'v0008'
down_revision: str | None = 'v0007'
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.create_table('site',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name_zh', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('community_id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('child_places', sa.Integer(), nullable=False),
    sa.Column('equipment', sa.JSON(), nullable=False),
    sa.Column('hours', sa.JSON(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['community_id'], ['organisation.id'], name=op.f('fk_site_community_id')),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_site_district_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['organisation.id'], name=op.f('fk_site_owner_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site')),
    sa.UniqueConstraint('code', name=op.f('uq_site_code'))
    )
    with op.batch_alter_table('site', schema=None) as batch_op:
        batch_op.create_index('ix_site_community', ['community_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_site_district_id'), ['district_id'], unique=False)
        batch_op.create_index('ix_site_owner', ['owner_id'], unique=False)

    op.create_table('trainer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('latitude', sa.Double(), nullable=False),
    sa.Column('longitude', sa.Double(), nullable=False),
    sa.Column('hours', sa.JSON(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_trainer_district_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_trainer_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trainer'))
    )
    with op.batch_alter_table('trainer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_trainer_district_id'), ['district_id'], unique=False)
        batch_op.create_index('ix_trainer_organisation', ['organisation_id'], unique=False)

    op.create_table('calendar_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('rider_id', sa.Uuid(), nullable=True),
    sa.Column('trainer_id', sa.Uuid(), nullable=True),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('word_sealed', sa.String(), nullable=False),
    sa.Column('made_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('over_at', models.base.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['rider_id'], ['rider.id'], name=op.f('fk_calendar_link_rider_id')),
    sa.ForeignKeyConstraint(['trainer_id'], ['trainer.id'], name=op.f('fk_calendar_link_trainer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_link')),
    sa.UniqueConstraint('digest', name=op.f('uq_calendar_link_digest'))
    )
    with op.batch_alter_table('calendar_link', schema=None) as batch_op:
        batch_op.create_index('uq_calendar_link_rider', ['rider_id'], unique=True, sqlite_where=sa.text('rider_id IS NOT NULL AND over_at IS NULL'), postgresql_where=sa.text('rider_id IS NOT NULL AND over_at IS NULL'))
        batch_op.create_index('uq_calendar_link_trainer', ['trainer_id'], unique=True, sqlite_where=sa.text('trainer_id IS NOT NULL AND over_at IS NULL'), postgresql_where=sa.text('trainer_id IS NOT NULL AND over_at IS NULL'))

    op.create_table('course',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('officer_id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('title_zh', sa.String(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('session_count', sa.Integer(), nullable=False),
    sa.Column('gap_days', sa.Integer(), nullable=False),
    sa.Column('least', sa.Integer(), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.Column('equipment', sa.JSON(), nullable=False),
    sa.Column('trainers', sa.JSON(), nullable=False),
    sa.Column('with_children', sa.Boolean(), nullable=False),
    sa.Column('window_from', sa.Date(), nullable=False),
    sa.Column('window_to', sa.Date(), nullable=False),
    sa.Column('status', sa.Enum('proposed', 'scheduled', 'withdrawn', 'ended', name='coursestatus', native_enum=False, length=32), nullable=False),
    sa.Column('proposed_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_course_district_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_course_officer_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_course_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course')),
    sa.UniqueConstraint('reference', name=op.f('uq_course_reference'))
    )
    with op.batch_alter_table('course', schema=None) as batch_op:
        batch_op.create_index('ix_course_organisation', ['organisation_id', 'status', 'id'], unique=False)
        batch_op.create_index('ix_course_status', ['district_id', 'status', 'id'], unique=False)

    op.create_table('need',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=False),
    sa.Column('phone_id', sa.Uuid(), nullable=False),
    sa.Column('rider_id', sa.Uuid(), nullable=True),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('slots', sa.JSON(), nullable=False),
    sa.Column('community_id', sa.Uuid(), nullable=True),
    sa.Column('asked_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('over_at', models.base.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['community_id'], ['organisation.id'], name=op.f('fk_need_community_id')),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_need_district_id')),
    sa.ForeignKeyConstraint(['phone_id'], ['phone.id'], name=op.f('fk_need_phone_id')),
    sa.ForeignKeyConstraint(['rider_id'], ['rider.id'], name=op.f('fk_need_rider_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_need'))
    )
    with op.batch_alter_table('need', schema=None) as batch_op:
        batch_op.create_index('ix_need_topic', ['district_id', 'topic'], unique=False, sqlite_where=sa.text('over_at IS NULL'), postgresql_where=sa.text('over_at IS NULL'))
        batch_op.create_index('uq_need_phone', ['phone_id', 'topic'], unique=True, sqlite_where=sa.text('rider_id IS NULL AND over_at IS NULL'), postgresql_where=sa.text('rider_id IS NULL AND over_at IS NULL'))
        batch_op.create_index('uq_need_rider', ['rider_id', 'topic'], unique=True, sqlite_where=sa.text('rider_id IS NOT NULL AND over_at IS NULL'), postgresql_where=sa.text('rider_id IS NOT NULL AND over_at IS NULL'))

    op.create_table('certificate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=False),
    sa.Column('course_id', sa.Uuid(), nullable=False),
    sa.Column('rider_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('check', sa.String(), nullable=False),
    sa.Column('issued_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('revoked_at', models.base.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_certificate_course_id')),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_certificate_district_id')),
    sa.ForeignKeyConstraint(['rider_id'], ['rider.id'], name=op.f('fk_certificate_rider_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_certificate')),
    sa.UniqueConstraint('check', name=op.f('uq_certificate_check')),
    sa.UniqueConstraint('number', name=op.f('uq_certificate_number'))
    )
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_certificate_rider_id'), ['rider_id'], unique=False)
        batch_op.create_index('uq_certificate', ['course_id', 'rider_id'], unique=True)

    op.create_table('timetable',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('officer_id', sa.Uuid(), nullable=False),
    sa.Column('matter_id', sa.Uuid(), nullable=True),
    sa.Column('after_id', sa.Uuid(), nullable=True),
    sa.Column('title_zh', sa.String(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('course_ids', sa.JSON(), nullable=False),
    sa.Column('problem', sa.JSON(), nullable=False),
    sa.Column('answer', sa.JSON(), nullable=False),
    sa.Column('again', sa.JSON(), nullable=True),
    sa.Column('wake_at', models.base.UtcDateTime(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(), nullable=True),
    sa.Column('status', sa.Enum('asked', 'draft', 'consulting', 'published', 'refused', 'replaced', 'withdrawn', name='timetablestatus', native_enum=False, length=32), nullable=False),
    sa.Column('made_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('published_at', models.base.UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['after_id'], ['timetable.id'], name=op.f('fk_timetable_after_id')),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_timetable_district_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_timetable_matter_id')),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_timetable_officer_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_timetable_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timetable'))
    )
    with op.batch_alter_table('timetable', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_timetable_district_id'), ['district_id'], unique=False)
        batch_op.create_index('ix_timetable_organisation', ['organisation_id', 'status', 'id'], unique=False)
        batch_op.create_index('ix_timetable_wake', ['wake_at'], unique=False, sqlite_where=sa.text('wake_at IS NOT NULL'), postgresql_where=sa.text('wake_at IS NOT NULL'))
        batch_op.create_index('uq_timetable_matter', ['matter_id'], unique=True, sqlite_where=sa.text('matter_id IS NOT NULL'), postgresql_where=sa.text('matter_id IS NOT NULL'))

    op.create_table('event',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('district_id', sa.Uuid(), nullable=False),
    sa.Column('timetable_id', sa.Uuid(), nullable=False),
    sa.Column('course_id', sa.Uuid(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Uuid(), nullable=False),
    sa.Column('trainer_id', sa.Uuid(), nullable=False),
    sa.Column('starts_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('ends_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('places', sa.Integer(), nullable=False),
    sa.Column('child_places', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('waiting', sa.Integer(), nullable=False),
    sa.Column('children', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('proposed', 'published', 'cancelled', 'dropped', 'held', name='eventstatus', native_enum=False, length=32), nullable=False),
    sa.Column('uid', sa.String(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('code_sealed', sa.String(), nullable=True),
    sa.Column('code_digest', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('changed_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('wake_at', models.base.UtcDateTime(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(), nullable=True),
    sa.Column('reminded', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_event_course_id')),
    sa.ForeignKeyConstraint(['district_id'], ['district.id'], name=op.f('fk_event_district_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_event_site_id')),
    sa.ForeignKeyConstraint(['timetable_id'], ['timetable.id'], name=op.f('fk_event_timetable_id')),
    sa.ForeignKeyConstraint(['trainer_id'], ['trainer.id'], name=op.f('fk_event_trainer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event')),
    sa.UniqueConstraint('code_digest', name=op.f('uq_event_code_digest')),
    sa.UniqueConstraint('timetable_id', 'line', name=op.f('uq_event_timetable_id_line')),
    sa.UniqueConstraint('uid', name=op.f('uq_event_uid'))
    )
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index('ix_event_coming', ['district_id', 'starts_at'], unique=False, sqlite_where=sa.text("status = 'published'"), postgresql_where=sa.text("status = 'published'"))
        batch_op.create_index('ix_event_course', ['course_id', 'ordinal'], unique=False)
        batch_op.create_index('ix_event_site', ['site_id', 'starts_at'], unique=False)
        batch_op.create_index('ix_event_trainer', ['trainer_id', 'starts_at'], unique=False)
        batch_op.create_index('ix_event_wake', ['wake_at'], unique=False, sqlite_where=sa.text('wake_at IS NOT NULL'), postgresql_where=sa.text('wake_at IS NOT NULL'))

    op.create_table('place_group',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('word', sa.String(), nullable=False),
    sa.Column('made_by_id', sa.Uuid(), nullable=False),
    sa.Column('made_at', models.base.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_place_group_event_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['rider.id'], name=op.f('fk_place_group_made_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_place_group')),
    sa.UniqueConstraint('word', name=op.f('uq_place_group_word'))
    )
    with op.batch_alter_table('place_group', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_place_group_event_id'), ['event_id'], unique=False)

    op.create_table('place',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('rider_id', sa.Uuid(), nullable=False),
    sa.Column('group_id', sa.Uuid(), nullable=True),
    sa.Column('status', sa.Enum('waiting', 'offered', 'taken', 'lapsed', 'cancelled', 'attended', 'missed', name='placestatus', native_enum=False, length=32), nullable=False),
    sa.Column('misses', sa.Integer(), nullable=False),
    sa.Column('has_come', sa.Boolean(), nullable=False),
    sa.Column('children', sa.Integer(), nullable=False),
    sa.Column('asked_at', models.base.UtcDateTime(), nullable=False),
    sa.Column('offered_until', models.base.UtcDateTime(), nullable=True),
    sa.Column('decided_at', models.base.UtcDateTime(), nullable=True),
    sa.Column('came_at', models.base.UtcDateTime(), nullable=True),
    sa.Column('came_by', sa.String(), nullable=True),
    sa.Column('marked_by_id', sa.Uuid(), nullable=True),
    sa.Column('told', sa.Integer(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_place_event_id')),
    sa.ForeignKeyConstraint(['group_id'], ['place_group.id'], name=op.f('fk_place_group_id')),
    sa.ForeignKeyConstraint(['marked_by_id'], ['officer.id'], name=op.f('fk_place_marked_by_id')),
    sa.ForeignKeyConstraint(['rider_id'], ['rider.id'], name=op.f('fk_place_rider_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_place'))
    )
    with op.batch_alter_table('place', schema=None) as batch_op:
        batch_op.create_index('ix_place_event', ['event_id', 'status'], unique=False)
        batch_op.create_index(batch_op.f('ix_place_group_id'), ['group_id'], unique=False)
        batch_op.create_index('ix_place_offered', ['offered_until'], unique=False, sqlite_where=sa.text("status = 'offered'"), postgresql_where=sa.text("status = 'offered'"))
        batch_op.create_index('ix_place_queue', ['event_id', 'misses', 'has_come', 'asked_at', 'id'], unique=False, sqlite_where=sa.text("status = 'waiting'"), postgresql_where=sa.text("status = 'waiting'"))
        batch_op.create_index('ix_place_rider', ['rider_id', 'id'], unique=False)
        batch_op.create_index('uq_place_rider', ['event_id', 'rider_id'], unique=True, sqlite_where=sa.text("status IN ('waiting', 'offered', 'taken', 'attended', 'missed')"), postgresql_where=sa.text("status IN ('waiting', 'offered', 'taken', 'attended', 'missed')"))

    op.create_table('timetable_condition',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('timetable_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('officer_id', sa.Uuid(), nullable=False),
    sa.Column('seat_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('at', models.base.UtcDateTime(), nullable=False),
    sa.Column('withdrawn_at', models.base.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['officer_id'], ['officer.id'], name=op.f('fk_timetable_condition_officer_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_timetable_condition_organisation_id')),
    sa.ForeignKeyConstraint(['seat_id'], ['seat.id'], name=op.f('fk_timetable_condition_seat_id')),
    sa.ForeignKeyConstraint(['timetable_id'], ['timetable.id'], name=op.f('fk_timetable_condition_timetable_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timetable_condition'))
    )
    with op.batch_alter_table('timetable_condition', schema=None) as batch_op:
        batch_op.create_index('ix_timetable_condition', ['timetable_id'], unique=False)

    op.create_table('feedback',
    sa.Column('place_id', sa.Uuid(), nullable=False),
    sa.Column('stars', sa.Integer(), nullable=False),
    sa.Column('words_sealed', sa.String(), nullable=True),
    sa.Column('at', models.base.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_feedback_place_id')),
    sa.PrimaryKeyConstraint('place_id', name=op.f('pk_feedback'))
    )

    with op.batch_alter_table('matter_place', schema=None) as batch_op:
        batch_op.add_column(sa.Column('property_id', sa.Uuid(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_matter_place_matter_id_community_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_matter_place_matter_id_community_id_property_id'), ['matter_id', 'community_id', 'property_id'])
        batch_op.create_foreign_key(batch_op.f('fk_matter_place_property_id'), 'organisation', ['property_id'], ['id'])


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table('matter_place', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_matter_place_property_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_matter_place_matter_id_community_id_property_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_matter_place_matter_id_community_id'), ['matter_id', 'community_id'])
        batch_op.drop_column('property_id')

    op.drop_table('feedback')
    with op.batch_alter_table('timetable_condition', schema=None) as batch_op:
        batch_op.drop_index('ix_timetable_condition')

    op.drop_table('timetable_condition')
    with op.batch_alter_table('place', schema=None) as batch_op:
        batch_op.drop_index('uq_place_rider', sqlite_where=sa.text("status IN ('waiting', 'offered', 'taken', 'attended', 'missed')"), postgresql_where=sa.text("status IN ('waiting', 'offered', 'taken', 'attended', 'missed')"))
        batch_op.drop_index('ix_place_rider')
        batch_op.drop_index('ix_place_queue', sqlite_where=sa.text("status = 'waiting'"), postgresql_where=sa.text("status = 'waiting'"))
        batch_op.drop_index('ix_place_offered', sqlite_where=sa.text("status = 'offered'"), postgresql_where=sa.text("status = 'offered'"))
        batch_op.drop_index(batch_op.f('ix_place_group_id'))
        batch_op.drop_index('ix_place_event')

    op.drop_table('place')
    with op.batch_alter_table('place_group', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_place_group_event_id'))

    op.drop_table('place_group')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_index('ix_event_wake', sqlite_where=sa.text('wake_at IS NOT NULL'), postgresql_where=sa.text('wake_at IS NOT NULL'))
        batch_op.drop_index('ix_event_trainer')
        batch_op.drop_index('ix_event_site')
        batch_op.drop_index('ix_event_course')
        batch_op.drop_index('ix_event_coming', sqlite_where=sa.text("status = 'published'"), postgresql_where=sa.text("status = 'published'"))

    op.drop_table('event')
    with op.batch_alter_table('timetable', schema=None) as batch_op:
        batch_op.drop_index('ix_timetable_wake', sqlite_where=sa.text('wake_at IS NOT NULL'), postgresql_where=sa.text('wake_at IS NOT NULL'))
        batch_op.drop_index('uq_timetable_matter', sqlite_where=sa.text('matter_id IS NOT NULL'), postgresql_where=sa.text('matter_id IS NOT NULL'))
        batch_op.drop_index('ix_timetable_organisation')
        batch_op.drop_index(batch_op.f('ix_timetable_district_id'))

    op.drop_table('timetable')
    with op.batch_alter_table('certificate', schema=None) as batch_op:
        batch_op.drop_index('uq_certificate')
        batch_op.drop_index(batch_op.f('ix_certificate_rider_id'))

    op.drop_table('certificate')
    with op.batch_alter_table('need', schema=None) as batch_op:
        batch_op.drop_index('uq_need_rider', sqlite_where=sa.text('rider_id IS NOT NULL AND over_at IS NULL'), postgresql_where=sa.text('rider_id IS NOT NULL AND over_at IS NULL'))
        batch_op.drop_index('uq_need_phone', sqlite_where=sa.text('rider_id IS NULL AND over_at IS NULL'), postgresql_where=sa.text('rider_id IS NULL AND over_at IS NULL'))
        batch_op.drop_index('ix_need_topic', sqlite_where=sa.text('over_at IS NULL'), postgresql_where=sa.text('over_at IS NULL'))

    op.drop_table('need')
    with op.batch_alter_table('course', schema=None) as batch_op:
        batch_op.drop_index('ix_course_status')
        batch_op.drop_index('ix_course_organisation')

    op.drop_table('course')
    with op.batch_alter_table('calendar_link', schema=None) as batch_op:
        batch_op.drop_index('uq_calendar_link_trainer', sqlite_where=sa.text('trainer_id IS NOT NULL AND over_at IS NULL'), postgresql_where=sa.text('trainer_id IS NOT NULL AND over_at IS NULL'))
        batch_op.drop_index('uq_calendar_link_rider', sqlite_where=sa.text('rider_id IS NOT NULL AND over_at IS NULL'), postgresql_where=sa.text('rider_id IS NOT NULL AND over_at IS NULL'))

    op.drop_table('calendar_link')
    with op.batch_alter_table('trainer', schema=None) as batch_op:
        batch_op.drop_index('ix_trainer_organisation')
        batch_op.drop_index(batch_op.f('ix_trainer_district_id'))

    op.drop_table('trainer')
    with op.batch_alter_table('site', schema=None) as batch_op:
        batch_op.drop_index('ix_site_owner')
        batch_op.drop_index(batch_op.f('ix_site_district_id'))
        batch_op.drop_index('ix_site_community')

    op.drop_table('site')
