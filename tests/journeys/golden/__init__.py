"""Calls of every kind as Webex records them, each with what the rebuild must make of it.

An expectation names fields of the written journey; ``kinds`` is the kinds of its stages in order, ``rings`` the
names of the phones that rang in vain. Letters in comments are those of the reference's worked sequences.
"""

from tests.journeys.golden.attendants import ATTENDANTS
from tests.journeys.golden.call import Golden
from tests.journeys.golden.forwards import FORWARDS
from tests.journeys.golden.gaps import GAPS
from tests.journeys.golden.groups import GROUPS
from tests.journeys.golden.plain import PLAIN
from tests.journeys.golden.queues import QUEUES
from tests.journeys.golden.transfers import TRANSFERS

SERVICES = [*ATTENDANTS, *QUEUES, *GROUPS]
GOLDEN = [*PLAIN, *SERVICES, *FORWARDS, *TRANSFERS, *GAPS]

__all__ = ["GOLDEN", "PLAIN", "SERVICES", "Golden"]
