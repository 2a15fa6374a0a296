"""The pretend organisation's service desk: operators with shifts in the time zones of its sites, and its clients."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from core.access.sandbox_people import PEOPLE
from core.operators import clients, presence, roster
from core.operators.clients import ClientForm
from core.operators.hours import Shift
from core.operators.presence import Absence
from core.operators.roster import OperatorForm
from core.services import Services
from core.store.models.operations import SettingValue

ACTOR = "sandbox"
_MADE = "sandbox.desk_founded"
_WORKDAYS, _SIX_DAYS, _LATE_WEEK, _EVERY_DAY = (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), (2, 3, 4, 5, 6), tuple(range(7))


@dataclass(frozen=True)
class _Member:
    """An operator with one weekly shift: local hours, and the zone they are of."""

    form: OperatorForm
    weekdays: tuple[int, ...]
    begins: int
    ends: int
    zone: str


_OLGA, _OLGA_NAME = PEOPLE["operator"]
_TEAM = (
    _Member(
        OperatorForm(_OLGA_NAME, person=_OLGA, language="es", skills=("fraude", "webex"), phone="+57 601 555 0142"),
        _EVERY_DAY, 6, 22, "America/Bogota",
    ),
    _Member(
        OperatorForm("Rafael Quesada", email="rafael.quesada@sandbox.invalid", language="es",
                     skills=("fraude", "pasarelas"), sites=("San José", "Ciudad de Guatemala", "San Salvador"),
                     capacity=15),
        _LATE_WEEK, 7, 19, "America/Costa_Rica",
    ),
    _Member(
        OperatorForm("Marcela Ospina", email="marcela.ospina@sandbox.invalid", language="es",
                     skills=("fraude", "facturación"), sites=("Bogotá", "Medellín"), capacity=15),
        _SIX_DAYS, 8, 18, "America/Bogota",
    ),
    _Member(
        OperatorForm("Grace Bennett", email="grace.bennett@sandbox.invalid", language="en",
                     skills=("fraude", "webex"), sites=("Denver", "Phoenix"), capacity=12),
        _WORKDAYS, 8, 18, "America/Denver",
    ),
    _Member(
        OperatorForm("Iván Chacón", email="ivan.chacon@sandbox.invalid", language="es", skills=("fraude", "pasarelas")),
        _EVERY_DAY, 20, 6, "America/Bogota",
    ),
)  # fmt: skip
_ON_HOLIDAY = OperatorForm(
    "Lorena Palacios", email="lorena.palacios@sandbox.invalid", language="es", skills=("facturación",), capacity=15
)
_CLIENTS = (
    ClientForm("Cafetera del Sur", "Pilar Echeverri", "pilar@cafetera.invalid", "+57 604 555 0190", "Medellín", "es"),
    ClientForm("Banco Andino", "Hugo Restrepo", "mesa@bancoandino.invalid", "+57 601 555 0177", "Bogotá", "es", "key"),
    ClientForm("Puerto Seguro", "Nadia Solano", "nadia@puertoseguro.invalid", "+506 2255 0110", "San José", "es",
               "preferred"),
    ClientForm("Rocky Mountain Outfitters", "Dana Brooks", "dana@rmo.invalid", "+1 303 555 0123", "Denver", "en"),
    ClientForm("Textiles Quetzal", "Mario Barrios", "mario@quetzal.invalid", "+502 2255 0164", "Ciudad de Guatemala",
               "es"),
)  # fmt: skip


def found_desk(services: Services) -> bool:
    """Add operators and clients where there are none yet; whether it was now. What somebody removes stays away."""
    at = services.clock.now()
    with services.database.write() as session:
        if session.get(SettingValue, _MADE) is not None:
            return False
        session.add(SettingValue(name=_MADE, value=at.isoformat(), changed_at=at, changed_by=ACTOR))
        if roster.everybody(session, with_retired=True) or clients.everybody(session, with_former=True):
            return False
        for member in _TEAM:
            number = roster.save(session, member.form, actor=ACTOR, at=at)
            shift = Shift(member.weekdays, member.begins * 60, member.ends * 60, member.zone)
            presence.set_shifts(session, number, [shift], actor=ACTOR, at=at)
        _on_holiday(session, services)
        for form in _CLIENTS:
            clients.save(session, form, actor=ACTOR, at=at)
    return True


def _on_holiday(session: Session, services: Services) -> None:
    at = services.clock.now().replace(minute=0, second=0, microsecond=0)
    number = roster.save(session, _ON_HOLIDAY, actor=ACTOR, at=at)
    away = Absence(at - timedelta(days=2), at + timedelta(days=9), "holiday")
    presence.add_absence(session, number, away, actor=ACTOR, at=at)
