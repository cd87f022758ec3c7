"""The five kinds of refusal. Every domain error is one of them and has a stable code."""

from dataclasses import dataclass
from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal that a caller can understand. `code` is on the wire and never changes."""

    code: ClassVar[str] = "domain-error"

    @property
    def facts(self) -> dict[str, Any]:
        """What a client may want to know beside the code, in plain JSON values; on the wire as it is."""
        return {}

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        return f"{self.code}: {told}" if told else self.code


class NotFound(DomainError):
    """It is absent, or not the caller's to see."""

    code = "not-found"


class Forbidden(DomainError):
    """The caller is known and may not."""

    code = "forbidden"


class Invalid(DomainError):
    """The request makes no sense, whatever the state of the shop."""

    code = "validation-error"


class Conflict(DomainError):
    """The request makes sense, but not in the present state."""

    code = "conflict"


class Declined(DomainError):
    """The payment was refused by who holds the money."""

    code = "payment-declined"


@dataclass(unsafe_hash=True)
class InvalidField(Invalid):
    """One field of the input is wrong. `pointer` is a JSON pointer (RFC 6901) into the body, or a parameter's name."""

    pointer: str
    reason: str
    message: str = ""

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message or self.reason}"
