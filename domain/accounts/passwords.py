"""What is no password."""

from domain.errors import InvalidField

PASSWORD_LENGTH = range(8, 129)


class PasswordTooWeak(InvalidField):
    code = "password-too-weak"


def check_password(password: str, email: str, common: frozenset[str], pointer: str = "/password") -> None:
    """Refuse what is guessed first: too short or long, common, or the user's own e-mail. Raises PasswordTooWeak."""
    lowered = password.lower()
    if len(password) not in PASSWORD_LENGTH:
        reason = "too-long" if password[PASSWORD_LENGTH.start :] else "too-short"
        raise PasswordTooWeak(pointer, reason, "must have 8 to 128 characters")
    if lowered in common or lowered in {email, email.partition("@")[0]}:
        raise PasswordTooWeak(pointer, "too-common", "is among the first that anybody would guess")
