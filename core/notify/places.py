"""The site an announcement belongs to, with its clock and country."""

from sqlalchemy.orm import Session

from core.notify.hours import Place
from core.webex.directory import location_of, locations_of

UTC_NAME = "UTC"
_KNOWN = "places"


def place_of(session: Session, site: str) -> Place:
    """The place of a site's uuid or name; the organisation, by the clock most of its sites go by, for any other.

    Asked once in a session: whoever tells many things of few sites need not look each up.
    """
    known: dict[str, Place] = session.info.setdefault(_KNOWN, {})
    if site not in known:
        known[site] = _place(session, site)
    return known[site]


def _place(session: Session, site: str) -> Place:
    found = location_of(session, site) if site else None
    if found is not None:
        return Place(found.uuid, found.name, found.time_zone or UTC_NAME, found.country)
    zones = [location.time_zone for location in locations_of(session) if location.time_zone]
    countries = [location.country for location in locations_of(session) if location.country]
    return Place("", site, _most_common(zones) or UTC_NAME, _most_common(countries))


def site_names(session: Session) -> dict[str, str]:
    """Every site's name by its uuid."""
    return {location.uuid: location.name for location in locations_of(session)}


def _most_common(values: list[str]) -> str:
    return max(sorted(set(values)), key=values.count, default="")
