"""What keeps a message from being taken or done."""

from core.errors import ConflictError, PermanentError


class WatsonSignatureError(PermanentError):
    """A signed message whose signature, id or time does not hold. Facts: ``problem`` (a word)."""

    code = "watson_signature"
    http_status = 401


class WatsonRepeatedError(ConflictError):
    """The same id came again with another body. Facts: ``what``."""

    code = "watson_repeated"


class WatsonRecipientsError(PermanentError):
    """A message would go to too many at once. Facts: ``most``."""

    code = "watson_recipients"
    http_status = 422


class WatsonFactError(PermanentError):
    """A fact turned out to be needed while the thing was being done. Facts: ``fact``."""

    code = "watson_fact"
    http_status = 422
