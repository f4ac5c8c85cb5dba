"""whistle"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = 'v0005'
down_revision: str | None = 'v0004'
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Forward."""
    op.create_table('matter_named',
    sa.Column('matter_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_matter_named_matter_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_matter_named_organisation_id')),
    sa.PrimaryKeyConstraint('matter_id', 'organisation_id', name=op.f('pk_matter_named')),
    sa.UniqueConstraint('matter_id', 'position', name=op.f('uq_matter_named_matter_id_position')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('matter_named', schema=None) as batch_op:
        batch_op.create_index('ix_matter_named_organisation', ['organisation_id', 'matter_id'], unique=False)

    op.create_table('whistle',
    sa.Column('matter_id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('settle_by', sa.Date(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_whistle_matter_id')),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_whistle_report_id')),
    sa.PrimaryKeyConstraint('matter_id', name=op.f('pk_whistle'))
    )
    with op.batch_alter_table('whistle', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_whistle_report_id'), ['report_id'], unique=False)
        batch_op.create_index('uq_whistle_open', ['report_id'], unique=True, sqlite_where=sa.text('is_open'), postgresql_where=sa.text('is_open'))

    with op.batch_alter_table('matter_place', schema=None) as batch_op:
        batch_op.add_column(sa.Column('community_id', sa.Uuid(), nullable=True))
        batch_op.alter_column('compound_id',
               existing_type=sa.Uuid(),
               nullable=True)
        batch_op.create_unique_constraint(batch_op.f('uq_matter_place_matter_id_community_id'), ['matter_id', 'community_id'])
        batch_op.create_foreign_key(batch_op.f('fk_matter_place_community_id'), 'organisation', ['community_id'], ['id'])


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table('matter_place', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_matter_place_community_id'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_matter_place_matter_id_community_id'), type_='unique')
        batch_op.alter_column('compound_id',
               existing_type=sa.Uuid(),
               nullable=False)
        batch_op.drop_column('community_id')

    with op.batch_alter_table('whistle', schema=None) as batch_op:
        batch_op.drop_index('uq_whistle_open', sqlite_where=sa.text('is_open'), postgresql_where=sa.text('is_open'))
        batch_op.drop_index(batch_op.f('ix_whistle_report_id'))

    op.drop_table('whistle')
    with op.batch_alter_table('matter_named', schema=None) as batch_op:
        batch_op.drop_index('ix_matter_named_organisation')

    op.drop_table('matter_named')
