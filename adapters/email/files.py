"""Mail as files, one .eml each: what the shop sends where no mail server is given."""

import asyncio
import heapq
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from adapters.email.message import compose
from application.ports import Clock, Mail, Outgoing

NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class FileMailer:
    """`Mailer` and `Mailbox` over a directory. The same message sent again changes nothing."""

    directory: Path
    sender: str
    clock: Clock

    async def send(self, mail: Mail) -> None:
        content = compose(mail, self.sender, self.clock()).as_bytes()
        await asyncio.to_thread(_keep, self.directory / f"{_name(mail.message_id)}.eml", content)

    async def sent(self, limit: int = 100) -> Sequence[Outgoing]:
        return await asyncio.to_thread(_newest, self.directory, limit)


def _name(message_id: str) -> str:
    """A file's name that tells one message from every other, and stays in its directory."""
    name = quote(message_id, safe="@").lstrip(".")
    return name if len(name) <= NAME_LENGTH and name == message_id else sha256(message_id.encode()).hexdigest()


def _keep(path: Path, content: bytes) -> None:
    """Whole or not at all, and on the disk when this returns. Who comes second leaves the first one's file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".tmp", delete=False) as fresh:
        fresh.write(content)
        fresh.flush()
        os.fsync(fresh.fileno())
    Path(fresh.name).replace(path)
    _sync(path.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _newest(directory: Path, limit: int) -> list[Outgoing]:
    if not directory.is_dir():
        return []
    with os.scandir(directory) as entries:
        aged = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.name.endswith(".eml")]
    return [_read(Path(path)) for _, path in heapq.nlargest(limit, aged)]


def _read(path: Path) -> Outgoing:
    message = message_from_bytes(path.read_bytes(), EmailMessage, policy=default)
    return Outgoing(
        message_id=str(message["Message-ID"]).strip("<> "),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        sent_at=_date(message),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _date(message: EmailMessage) -> datetime:
    return parsedate_to_datetime(str(message["Date"]))
