"""Mail over SMTP."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib

from adapters.email.message import compose
from application.ports import Clock, Mail, RecipientRefused, Unavailable

PORTS = {"smtp": 587, "smtps": 465}
PATIENCE = 15.0  # seconds
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. Never repr'd with its password."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """`smtp://user:password@host:port`, or `smtps://` for TLS from the first byte. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("must be smtp://… or smtps://… with a host")
        return cls(
            host=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "smtps",
        )

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port})"

    @property
    def start_tls(self) -> bool | None:
        """Must we (True), may we where it is offered (None), or is it there already (False)?

        A password leaves this machine under TLS only.
        """
        if self.tls:
            return False
        return True if self.password and self.host not in LOOPBACK else None


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """`Mailer` over one connection per mail."""

    server: SmtpServer
    sender: str
    clock: Clock

    async def send(self, mail: Mail) -> None:
        message = compose(mail, self.sender, self.clock())
        server = self.server
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls,
                start_tls=server.start_tls,
                timeout=PATIENCE,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refusal.code in PERMANENT for refusal in error.recipients):
                raise RecipientRefused from error
            raise Unavailable("mail") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable("mail") from error
