"""Structured logs on stderr: one JSON object a line, or a readable line for who looks at a terminal."""

import logging
import os
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)  # of the request that is being answered

requests = logging.getLogger("tradepost.http")
REQUEST = "request"
LEVELS = {logging.DEBUG: "debug", logging.INFO: "info"}  # of requests

STDERR = 2
PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
SECRETS = ("password", "secret", "token", "authorization", "cookie", "card")  # never shown, whoever logs them
HIDDEN = "[hidden]"
# What looks like one wherever it stands in a text: tokens, keys, and what addresses hold before their @.
LOOKS_SECRET = re.compile(
    r"(?i:\bbearer\s+)[^\s\"',]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|\b(?:tp|sk|rk|whsec)_[\w-]{8,}|(?<=://)[^\s/@]+(?=@)"
)
QUIET = ("asyncio", "httpx", "httpcore", "PIL", "saq", "stripe", "sqlalchemy", "_granian", "granian.access")

_encode = msgspec.json.Encoder(enc_hook=str).encode
_past: list[logging.Handler] = []  # the handlers whose work request() does


class JsonLines(logging.Formatter):
    """One JSON object a line; what is given as `extra=` stands beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": told(record.getMessage()),
        }
        if (current := request_id.get()) is not None:
            line["request_id"] = current
        line |= extras(record)
        if record.exc_info:
            line["exception"] = told(self.formatException(record.exc_info))
        try:
            return _encode(line).decode()
        except UnicodeEncodeError:  # half a surrogate pair in it
            return _encode({name: ascii(value) for name, value in line.items()}).decode()


class Readable(logging.Formatter):
    """A line for eyes; control characters are escaped, so that nobody can forge one."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        beside = " ".join(f"{name}={value}" for name, value in extras(record).items())
        line = _printable(
            f"{at} {record.levelname.lower():<7} {record.name}: {told(record.getMessage())} {beside}".rstrip()
        )
        if not record.exc_info:
            return line
        trace = told(self.formatException(record.exc_info)).split("\n")
        return "\n".join([line, *(f"    {_printable(each)}" for each in trace)])


class Stderr(logging.Handler):
    """One write a line, so that the processes' lines do not mix; Python's own stream costs ten times as much."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            os.write(STDERR, f"{self.format(record)}\n".encode(errors="backslashreplace"))
        except Exception:  # noqa: BLE001 (a log that cannot be written must not end what it tells of)
            self.handleError(record)


def request(level: int, told: dict[str, Any]) -> None:
    """A line about a request, where `requests` takes that level.

    As JSON it goes past Python's logging, which takes six times as long over it.
    """
    if not _past or logging.root.handlers != _past:
        requests.log(level, REQUEST, extra=told)
        return
    line = {"level": LEVELS[level], "logger": requests.name, "message": REQUEST, "request_id": request_id.get()}
    try:
        os.write(STDERR, _encode({"at": datetime.now(UTC), **line, **told}) + b"\n")
    except (OSError, UnicodeEncodeError):  # the handler knows what to do then
        requests.log(level, REQUEST, extra=told)


def told(text: str) -> str:
    """The text without what looks like a secret."""
    return LOOKS_SECRET.sub(HIDDEN, text)


def _printable(line: str) -> str:
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def extras(record: logging.LogRecord) -> dict[str, Any]:
    """What was given as `extra=`, without secrets."""
    return {name: HIDDEN if _is_secret(name) else value for name, value in vars(record).items() if name not in PLAIN}


@cache
def _is_secret(name: str) -> bool:
    return any(secret in name.lower() for secret in SECRETS)


def configure(level: str) -> None:
    """Send every log of this process to stderr, from that level on."""
    # What no line of ours shows need not be found out (Python's logging HOWTO, Optimization).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = Stderr()
    handler.setFormatter(Readable() if sys.stderr.isatty() else JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    _past[:] = [handler] if isinstance(handler.formatter, JsonLines) else []
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
