"""Tables: tuned parameters, previews, campaigns, allowed destinations, days off, tariffs, calling users, forecasts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Float, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.store.models.base import Base, Instant
from core.store.models.operations import AutoId


class DetectorTuning(Base):
    """How a detector differs from its data file: changed parameters, whether it is off, the severity it may reach.

    ``version`` grows with each change; a change names the one it was made from.
    """

    __tablename__ = "detector_tuning"

    detector: Mapped[str] = mapped_column(String(60), primary_key=True)
    parameters: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    severity_cap: Mapped[str] = mapped_column(String(12), default="")
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(200))


class TuningChange(Base):
    """One change of a detector, with what stood before and after; ``reverts`` names the change it takes back."""

    __tablename__ = "tuning_change"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    detector: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    reverts: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("ix_tuning_change_detector_id", "detector", "id"),)


class DetectionPreview(Base):
    """What the last weeks would have raised with a proposed tuning of one detector, beside what they do now."""

    __tablename__ = "detection_preview"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    detector: Mapped[str] = mapped_column(String(60))
    proposal: Mapped[dict[str, Any]] = mapped_column(JSON)
    days: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="asked")
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(String(200))
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (Index("ix_detection_preview_detector_id", "detector", "id"),)


class Campaign(Base):
    """Users who are meant to call a lot between two days, both included."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    users: Mapped[list[str]] = mapped_column(JSON, default=list)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date, index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class AllowedDestination(Base):
    """A country, the beginning of a number, or a number that a scope may call; counts until ``expires_at``.

    ``scope_kind`` is org, location or user; ``scope`` the UUID of the latter two.
    """

    __tablename__ = "allowed_destination"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    value: Mapped[str] = mapped_column(String(40))
    scope_kind: Mapped[str] = mapped_column(String(12))
    scope: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[str] = mapped_column(String(500))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class DayOff(Base):
    """A day on which a site (empty: every site) is closed though the calendar of its country does not say so."""

    __tablename__ = "day_off"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    site_uuid: Mapped[str] = mapped_column(String(100), default="")
    day: Mapped[date] = mapped_column(Date, index=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))


class TariffVersion(Base):
    """A tariff table that somebody loaded; at most one is in use, none means the prices that come with the product.

    ``per_dollar`` is how many units of ``currency`` make one US dollar: thresholds of cost are in dollars.
    """

    __tablename__ = "tariff_version"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    currency: Mapped[str] = mapped_column(String(3))
    per_dollar: Mapped[float] = mapped_column(Float)
    is_in_use: Mapped[bool] = mapped_column(default=False)
    rates: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(200))


class TariffRate(Base):
    """One line of a tariff: a prefix of digits, or a country, with a kind of line; amounts in the tariff's currency."""

    __tablename__ = "tariff_rate"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    tariff_id: Mapped[int] = mapped_column(BigInteger, index=True)
    prefix: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    kind: Mapped[str] = mapped_column(String(12), default="")
    price: Mapped[float] = mapped_column(Float)
    increment: Mapped[int]
    connection_fee: Mapped[float] = mapped_column(Float, default=0.0)


class CallingUser(Base):
    """A user of the calling service as calls, directory and alerts show them.

    ``risk_sum`` is the weight of the user's alerts at ``risk_at``, from which the score at any moment follows;
    ``records_to`` the newest storing time among the records counted in.
    """

    __tablename__ = "calling_user"

    uuid: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(300), default="", index=True)
    number: Mapped[str] = mapped_column(String(40), default="")
    extension: Mapped[str] = mapped_column(String(20), default="")
    site_uuid: Mapped[str] = mapped_column(String(100), default="", index=True)
    site: Mapped[str] = mapped_column(String(300), default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    first_seen: Mapped[datetime | None] = mapped_column(Instant)
    last_seen: Mapped[datetime | None] = mapped_column(Instant)
    devices: Mapped[int] = mapped_column(default=0)
    records_to: Mapped[datetime | None] = mapped_column(Instant, index=True)
    risk_sum: Mapped[float] = mapped_column(Float, default=0.0, index=True)
    risk_at: Mapped[datetime | None] = mapped_column(Instant)
    risk_week_ago: Mapped[float] = mapped_column(Float, default=0.0)
    anomalies: Mapped[int] = mapped_column(default=0)
    open_alerts: Mapped[int] = mapped_column(default=0)


class ForecastFit(Base):
    """How a site's forecast stands (empty ``site_uuid``: the whole organisation).

    ``state`` is ready, pooled (too few calls for a model of its own: the mean of like hours), or young.
    """

    __tablename__ = "forecast_fit"

    site_uuid: Mapped[str] = mapped_column(String(100), primary_key=True)
    site: Mapped[str] = mapped_column(String(300), default="")
    time_zone: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(12))
    history_days: Mapped[float] = mapped_column(Float)
    fitted_at: Mapped[datetime] = mapped_column(Instant)


class ForecastBand(Base):
    """Calls expected to begin at a site in one hour or on one UTC day, with the bounds of 99 in 100."""

    __tablename__ = "forecast_band"

    site_uuid: Mapped[str] = mapped_column(String(100), primary_key=True)
    grain: Mapped[str] = mapped_column(String(4), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    low: Mapped[float] = mapped_column(Float)
    expected: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)
