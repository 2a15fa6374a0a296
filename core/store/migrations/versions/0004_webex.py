"""Webex connections, consents under way, cursors, the sync log, the directory."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "webex_connection",
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("access_token", sa.Text),
        sa.Column("refresh_token", sa.Text),
        sa.Column("access_expires_at", Instant),
        sa.Column("refresh_expires_at", Instant),
        sa.Column("refreshed_at", Instant),
        sa.Column("refresh_epoch", sa.BigInteger, nullable=False),
        sa.Column("refreshing_until", Instant),
        sa.Column("scopes_asked", sa.Text, nullable=False),
        sa.Column("scopes_granted", sa.Text),
        sa.Column("person_id", sa.String(300), nullable=False),
        sa.Column("person_name", sa.String(300), nullable=False),
        sa.Column("person_email", sa.String(320), nullable=False),
        sa.Column("org_id", sa.String(300), nullable=False),
        sa.Column("org_name", sa.String(300), nullable=False),
        sa.Column("analytics_url", sa.String(300)),
        sa.Column("connected_at", Instant),
        sa.Column("connected_by", sa.String(200), nullable=False),
        sa.Column("last_error_code", sa.String(60)),
        sa.Column("last_error_facts", sa.JSON),
        sa.Column("last_error_at", Instant),
    )
    op.create_table(
        "oauth_state",
        sa.Column("state_hash", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("code_verifier", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("next_path", sa.String(500), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
    )
    op.create_index("ix_oauth_state_expires_at", "oauth_state", ["expires_at"])
    op.create_table(
        "sync_cursor",
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("watermark", Instant),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
    )
    op.create_table(
        "sync_log",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("since", Instant),
        sa.Column("until", Instant),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("error_code", sa.String(60)),
        sa.Column("error_facts", sa.JSON),
    )
    op.create_index("ix_sync_log_at_id", "sync_log", ["at", "id"])
    _create_directory()


def _create_directory() -> None:
    op.create_table(
        "webex_organisation",
        *_directory_columns(),
        sa.Column("created_at", Instant),
    )
    op.create_table(
        "webex_location",
        *_directory_columns(),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("city", sa.String(200), nullable=False),
        sa.Column("address", sa.String(400), nullable=False),
        sa.Column("preferred_language", sa.String(20), nullable=False),
        sa.Column("org_uuid", sa.String(100), nullable=False),
    )
    op.create_index("ix_webex_location_name", "webex_location", ["name"])
    op.create_table(
        "webex_person",
        *_directory_columns(),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("department", sa.String(200), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("manager_uuid", sa.String(100), nullable=False),
        sa.Column("location_uuid", sa.String(100), nullable=False),
        sa.Column("work_number", sa.String(40), nullable=False),
        sa.Column("extension", sa.String(20), nullable=False),
        sa.Column("numbers", sa.JSON, nullable=False),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("org_uuid", sa.String(100), nullable=False),
    )
    op.create_index("ix_webex_person_name", "webex_person", ["name"])
    op.create_index("ix_webex_person_location_uuid", "webex_person", ["location_uuid"])


def _directory_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("uuid", sa.String(100), primary_key=True),
        sa.Column("webex_id", sa.String(300), nullable=False),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("is_removed", sa.Boolean, nullable=False),
        sa.Column("removed_at", Instant),
    ]


def downgrade() -> None:
    for table in (
        "webex_person",
        "webex_location",
        "webex_organisation",
        "sync_log",
        "sync_cursor",
        "oauth_state",
        "webex_connection",
    ):
        op.drop_table(table)
