"""A second net over whole sites: an hour of far more calls than such hours ever had, or none while others go on."""

from core.detection.calendar import HOURS_A_DAY, WEEKDAY
from core.detection.finding import Finding, Parameters
from core.detection.observation import Observation
from core.detection.scene import Scene
from core.detection.site_hours import SiteHours, hour_of
from core.detection.statistics import negative_binomial_tail, overdispersion

HOUR = 3600
LONGEST_SILENCE = 8


def look(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """Judge the running hour of the leg's site; on the turn of an hour also look for other sites fallen silent."""
    site = scene.habits.sites.get(leg.location)
    if site is None or hour_of(leg) != site.hour or scene.in_campaign:
        return None
    if len(site.legs) == 1:
        return _silence(leg, scene, p)
    return _surge(leg, site, p)


def _surge(leg: Observation, site: SiteHours, p: Parameters) -> Finding | None:
    count = site.calls
    if count < p["excess"] or max(site.users.values()) > p["one_user"] * count:
        return None
    earlier = site.earlier(site.cell)
    if len(earlier) < p["hours"]:
        return None
    mean = sum(earlier) / len(earlier)
    if count < max(p["ratio"] * mean, p["over_most"] * max(earlier)) or count - mean < p["excess"]:
        return None
    spread = overdispersion(list(earlier), mean)
    if negative_binomial_tail(count, mean, spread) > 10 ** -p["surprise"]:
        return None
    return Finding(
        "low",
        site.legs,
        group="surge",
        entity_kind="location",
        entity=leg.location,
        observed={"calls_an_hour": count, "users": len(site.users)},
        expected={"calls_an_hour": round(mean, 1), "calls_most": max(earlier)},
    )


def _silence(leg: Observation, scene: Scene, p: Parameters) -> Finding | None:
    """A site that was at work today has fallen silent in working hours while others go on."""
    sites = scene.habits.sites
    still = {name: (leg.started - each.last.started) / HOUR for name, each in sites.items() if each.last is not None}
    going_on = sum(hours < 1 for hours in still.values())
    if going_on < p["others"]:
        return None
    for name, hours in still.items():
        if p["silent_hours"] <= hours < LONGEST_SILENCE:
            finding = _silent(name, sites[name], int(hours), p)
            if finding is not None:
                return finding
    return None


def _silent(name: str, site: SiteHours, hours: int, p: Parameters) -> Finding | None:
    if site.cell // HOURS_A_DAY != WEEKDAY or site.last is None:
        return None
    missed = sum(site.expected(on) for on in range(1, hours + 1))
    worked = sum(past.calls for past in site.today) + site.calls
    if missed < p["silent_calls"] or worked < p["silent_calls"]:
        return None
    return Finding(
        "low",
        [site.last],
        group="silence",
        entity_kind="location",
        entity=name,
        observed={"silent_hours": hours, "calls": 0},
        expected={"calls": round(missed)},
    )
