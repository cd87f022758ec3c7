"""A mail as RFC 5322 wants it."""

from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, Policy
from email.utils import format_datetime, parseaddr

from application.ports import Mail, RecipientRefused


def compose(mail: Mail, sender: str, at: datetime) -> EmailMessage:
    """Text and HTML beside each other. What somebody typed cannot add a header: line breaks in one become spaces."""
    message = EmailMessage(policy=policy(mail, sender))
    name, address = parseaddr(sender)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = _recipient(mail.to)
    message["Subject"] = _line(mail.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{_line(mail.message_id)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def policy(mail: Mail, sender: str) -> Policy[EmailMessage]:
    return SMTP if (mail.to + sender).isascii() else SMTPUTF8


def _recipient(address: str) -> Address:
    """One bare address and nothing else. Raises RecipientRefused."""
    try:
        recipient = Address(addr_spec=address)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise RecipientRefused from error
    if not recipient.username or not recipient.domain or any(mark.isspace() for mark in address):
        raise RecipientRefused
    return recipient


def _line(text: str) -> str:
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
