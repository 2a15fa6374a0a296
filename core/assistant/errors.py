"""What can go wrong when Claude is asked."""

from core.errors import PermanentError, TransientError


class AssistantOffError(PermanentError):
    """No key is set: nothing can be asked."""

    code = "assistant_off"
    http_status = 409


class AssistantBusyError(TransientError):
    """The service did not answer, or not with something readable. Facts: ``problem``."""

    code = "assistant_busy"


class AssistantUnansweredError(AssistantBusyError):
    """The question left and no answer came: it may have been billed. Facts: ``problem``."""


class AssistantKeyError(PermanentError):
    """The key was refused, or may not do this. Facts: ``problem``."""

    code = "assistant_key"


class AssistantUnpaidError(PermanentError):
    """The account behind the key has no credit or reached its own limit. Facts: ``problem``."""

    code = "assistant_unpaid"


class AssistantRequestError(PermanentError):
    """The service refuses what is asked: an unknown model, or too much text. Facts: ``problem``."""

    code = "assistant_request"


class BudgetSpentError(PermanentError):
    """The month's budget would be passed. Facts: ``spent``, ``budget`` (US dollars)."""

    code = "assistant_budget"


class DeclinedError(PermanentError):
    """The model declined to answer. Facts: ``problem``."""

    code = "assistant_declined"


class AnswerUnusableError(PermanentError):
    """The answer does not keep to its form, or names figures that it was not given. Facts: ``problem``."""

    code = "assistant_unusable"
