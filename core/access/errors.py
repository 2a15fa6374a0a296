"""What can go wrong while people and programs identify themselves."""

from core.errors import ConflictError, InvalidInputError, PermanentError, TransientError


class NotSignedInError(PermanentError):
    """The request carries no valid session or key."""

    code = "not_signed_in"
    http_status = 401


class SignInRefusedError(PermanentError):
    """Name and password do not fit; says nothing about which of the two, nor whether the account exists."""

    code = "sign_in_refused"
    http_status = 401


class NoAccountError(PermanentError):
    """The identity provider vouches for somebody whom no administrator has added."""

    code = "no_account"
    http_status = 403


class TooManyAttemptsError(TransientError):
    """The sign-in gate is closed for a while. Facts: ``seconds``."""

    code = "too_many_attempts"
    http_status = 429


class PersonExistsError(ConflictError):
    """Another person already signs in by that name. Facts: ``name``."""

    code = "person_exists"


class LastAdminError(ConflictError):
    """The change would leave nobody who can administer the product."""

    code = "last_admin"


class WeakPasswordError(InvalidInputError):
    """The password is too short, too plain, or contains the name. Facts: ``shortest``."""

    code = "weak_password"


class PresentPasswordError(InvalidInputError):
    """Who wants another password did not give the present one."""

    code = "present_password"


class PasswordLinkClosedError(PermanentError):
    """The link to set a password is altered, used, revoked, replaced or expired."""

    code = "password_link_closed"
    http_status = 410


class SetupClosedError(PermanentError):
    """The set-up link is unknown, used or expired, or an administrator exists already."""

    code = "setup_closed"
    http_status = 410


class ScopeNotHeldError(PermanentError):
    """A key was asked for with a permission that its issuer does not hold. Facts: ``scope``."""

    code = "scope_not_held"
    http_status = 403
