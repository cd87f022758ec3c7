"""A mail as RFC 5322 wants it."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from application.ports import Mail, RecipientRefused

SPECIAL = frozenset(' ",:;<>()[]\\')  # what would make more of an address than one


def compose(mail: Mail, sender: str, at: datetime) -> EmailMessage:
    """Text and HTML beside each other. What somebody typed cannot add a header: line breaks in one become spaces."""
    message = EmailMessage(policy=SMTP if (mail.to + sender).isascii() else SMTPUTF8)
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


def _recipient(address: str) -> Address:
    """One bare address and nothing else. Raises RecipientRefused."""
    username, _, domain = address.rpartition("@")
    if not username or not domain or not SPECIAL.isdisjoint(address) or not address.isprintable():
        raise RecipientRefused
    return Address(username=username, domain=domain)


def _line(text: str) -> str:
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
