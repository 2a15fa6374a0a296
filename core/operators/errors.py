"""What can be wrong with keeping operators and clients."""

from core.errors import ConflictError, InvalidInputError


class RosterChangedError(ConflictError):
    """Somebody changed the operator or client since it was read. Facts: ``what`` (name), ``who``, ``when`` (UTC)."""

    code = "roster_changed"


class PersonTakenError(ConflictError):
    """Another operator is that person already. Facts: ``what`` (the sign-in name), ``other`` (the operator)."""

    code = "operator_person_taken"


class ClientExistsError(ConflictError):
    """Another client has that name. Facts: ``what``."""

    code = "client_exists"


class RosterFileError(InvalidInputError):
    """A file of operators or clients cannot be used. Facts: ``line`` (0 for the file), ``problem``."""

    code = "roster_file"
