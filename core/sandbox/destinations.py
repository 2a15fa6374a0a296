"""How Webex classes a called number as seen from a site, and the digits somebody types for it."""

from typing import Any

from core.sandbox.legs import Record
from core.sandbox.numbering import NORTH_AMERICA, PLANS, national_part
from core.sandbox.world import Contact, Site


def call_type(site: Site, contact: Contact) -> str:
    """How Webex classes a call from ``site`` to that number."""
    if contact.kind in {"toll_free", "premium"}:
        return "SIP_TOLLFREE" if contact.kind == "toll_free" else "SIP_PREMIUM"
    if contact.country != site.country and not {contact.country, site.country} <= NORTH_AMERICA:
        return "SIP_INTERNATIONAL"
    return "SIP_MOBILE" if contact.kind == "mobile" and site.country != "US" else "SIP_NATIONAL"


def destination(site: Site, contact: Contact) -> dict[str, Any]:
    """The fields that class a call to that number."""
    kind = call_type(site, contact)
    country = contact.country if kind == "SIP_INTERNATIONAL" else ""
    return {"Call type": kind, "International country": country}


def dialled(site: Site, contact: Contact, record: Record) -> str:
    """The digits as typed: with outside code and prefixes on a desk telephone, else as the app sends them."""
    if record["Client type"] != "SIP":
        return contact.number
    if call_type(site, contact) == "SIP_INTERNATIONAL":
        return f"9{PLANS[site.country].international_prefix}{contact.number[1:]}"
    if contact.country not in PLANS or PLANS[contact.country].code != PLANS[site.country].code:
        return contact.number
    trunk_digit = "1" if site.country == "US" else ""
    return f"9{trunk_digit}{national_part(site.country, contact.number)}"
