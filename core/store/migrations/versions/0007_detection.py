"""Tuned parameters, previews, campaigns, allowed destinations, days off, tariffs, calling users, forecasts."""

import sqlalchemy as sa
from alembic import op

from core.store.models.base import Instant
from core.store.models.operations import AutoId

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _create_tuning()
    _create_suppressions()
    _create_tariffs()
    _create_calling_users()
    _create_forecasts()


def _create_tuning() -> None:
    op.create_table(
        "detector_tuning",
        sa.Column("detector", sa.String(60), primary_key=True),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("severity_cap", sa.String(12), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "tuning_change",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("detector", sa.String(60), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
        sa.Column("reverts", sa.BigInteger),
    )
    op.create_index("ix_tuning_change_detector_id", "tuning_change", ["detector", "id"])
    op.create_table(
        "detection_preview",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("detector", sa.String(60), nullable=False),
        sa.Column("proposal", sa.JSON, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("finished_at", Instant),
        sa.Column("result", sa.JSON),
        sa.Column("error", sa.JSON),
    )
    op.create_index("ix_detection_preview_detector_id", "detection_preview", ["detector", "id"])


def _create_suppressions() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("users", sa.JSON, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("ended_at", Instant),
    )
    op.create_index("ix_campaign_last_day", "campaign", ["last_day"])
    op.create_table(
        "allowed_destination",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.Column("scope_kind", sa.String(12), nullable=False),
        sa.Column("scope", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("ended_at", Instant),
    )
    op.create_index("ix_allowed_destination_expires_at", "allowed_destination", ["expires_at"])
    op.create_table(
        "day_off",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("site_uuid", sa.String(100), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
    )
    op.create_index("ix_day_off_day", "day_off", ["day"])


def _create_tariffs() -> None:
    op.create_table(
        "tariff_version",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("per_dollar", sa.Float, nullable=False),
        sa.Column("is_in_use", sa.Boolean, nullable=False),
        sa.Column("rates", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "tariff_rate",
        sa.Column("id", AutoId, primary_key=True),
        sa.Column("tariff_id", sa.BigInteger, nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("price", sa.Float, nullable=False),
        sa.Column("increment", sa.Integer, nullable=False),
        sa.Column("connection_fee", sa.Float, nullable=False),
    )
    op.create_index("ix_tariff_rate_tariff_id", "tariff_rate", ["tariff_id"])


def _create_calling_users() -> None:
    op.create_table(
        "calling_user",
        sa.Column("uuid", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("extension", sa.String(20), nullable=False),
        sa.Column("site_uuid", sa.String(100), nullable=False),
        sa.Column("site", sa.String(300), nullable=False),
        sa.Column("department", sa.String(200), nullable=False),
        sa.Column("first_seen", Instant),
        sa.Column("last_seen", Instant),
        sa.Column("devices", sa.Integer, nullable=False),
        sa.Column("records_to", Instant),
        sa.Column("risk_sum", sa.Float, nullable=False),
        sa.Column("risk_at", Instant),
        sa.Column("risk_week_ago", sa.Float, nullable=False),
        sa.Column("anomalies", sa.Integer, nullable=False),
        sa.Column("open_alerts", sa.Integer, nullable=False),
    )
    for column in ("name", "site_uuid", "records_to", "risk_sum"):
        op.create_index(f"ix_calling_user_{column}", "calling_user", [column])


def _create_forecasts() -> None:
    op.create_table(
        "forecast_fit",
        sa.Column("site_uuid", sa.String(100), primary_key=True),
        sa.Column("site", sa.String(300), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("history_days", sa.Float, nullable=False),
        sa.Column("fitted_at", Instant, nullable=False),
    )
    op.create_table(
        "forecast_band",
        sa.Column("site_uuid", sa.String(100), primary_key=True),
        sa.Column("grain", sa.String(4), primary_key=True),
        sa.Column("at", Instant, primary_key=True),
        sa.Column("low", sa.Float, nullable=False),
        sa.Column("expected", sa.Float, nullable=False),
        sa.Column("high", sa.Float, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "forecast_band",
        "forecast_fit",
        "calling_user",
        "tariff_rate",
        "tariff_version",
        "day_off",
        "allowed_destination",
        "campaign",
        "detection_preview",
        "tuning_change",
        "detector_tuning",
    ):
        op.drop_table(table)
