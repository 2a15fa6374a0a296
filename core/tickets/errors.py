"""What can be wrong with working a ticket."""

from core.errors import ConflictError, PermanentError, TransientError


class TicketChangedError(ConflictError):
    """Somebody changed the ticket since it was read. Facts: ``what`` (its id), ``who``, ``when`` (UTC), ``version``."""

    code = "ticket_changed"


class TicketStateError(PermanentError):
    """The ticket is not in a state in which this can be done. Facts: ``what`` (its id), ``state``, ``action``."""

    code = "ticket_state"
    http_status = 409


class MergedTicketError(PermanentError):
    """The ticket was merged and is worked as another one. Facts: ``what`` (its id), ``target`` (the other's id)."""

    code = "ticket_merged"
    http_status = 409


class MergeError(PermanentError):
    """Two tickets cannot become one. Facts: ``what`` and ``target`` (their ids)."""

    code = "ticket_merge"
    http_status = 409


class CalendarInUseError(PermanentError):
    """A calendar that policies count by cannot be removed. Facts: ``what`` (its name)."""

    code = "ticket_calendar_in_use"
    http_status = 409


class BookChangedError(ConflictError):
    """Somebody changed the rule, policy or calendar since it was read. Facts: ``what`` (its name), ``who``."""

    code = "ticket_book_changed"


class LateEscalationError(TransientError):
    """Steps of escalation that should have run did not. Facts: ``count``, ``tickets`` (some of their ids)."""

    code = "ticket_escalation_late"


class UntoldTicketsError(TransientError):
    """What is to be told of some tickets has not gone. Facts: ``tickets`` (their ids), ``minutes`` it has waited."""

    code = "ticket_untold"


class TicketHistoryError(PermanentError):
    """The timeline of some tickets is damaged: no deadlines follow from it. Facts: ``tickets`` (their ids)."""

    code = "ticket_history"
