"""Transfers: imports and exports of the catalogue that staff asked for, until they are done or given up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType, Protocol, Self
from uuid import UUID

from domain.accounts import UserId
from domain.aggregate import Aggregate, Event
from domain.errors import Conflict, NotFound

TransferId = NewType("TransferId", UUID)

UPLOAD = 0  # the attempt under which a file that came with the request is kept


class TransferNotFound(NotFound):
    code = "transfer-not-found"


class TransferLost(Conflict):
    """Somebody else is at it since, or it has ended: what this attempt says counts no more."""

    code = "transfer-lost"


class ExportNotReady(Conflict):
    """There is no file yet, or there will be none."""

    code = "export-not-ready"


class Kind(StrEnum):
    IMPORT = "import"
    EXPORT = "export"


class TransferStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a row of the file is told about."""

    row: int
    handle: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why nothing came of it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it: sums by name, and the first of what was refused and noted."""

    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequested(Event):
    """Staff asked for all of the catalogue, or for it to be changed by a file."""

    transfer: TransferId
    kind: Kind
    file_name: str
    dry_run: bool
    restock: bool


@dataclass(slots=True, eq=False, kw_only=True)
class Transfer(Aggregate):
    """One import or export. It tells of its beginning alone, so its version counts the writes.

    Who works on it holds a lease until `due_at`, and the number of the attempt is the fence: after the lease ended
    somebody else may begin, and then the words of the one before count no more.
    """

    id: TransferId
    kind: Kind
    requested_by: UserId | None
    created_at: datetime
    due_at: datetime
    file_name: str = ""
    encoding: str = "utf-8"
    dry_run: bool = False
    restock: bool = False
    status: TransferStatus = TransferStatus.QUEUED
    attempts: int = 0
    done: int = 0
    total: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    failure: Failure | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @classmethod
    def request(cls, id: TransferId, kind: Kind, by: UserId | None, at: datetime, **options: Any) -> Self:
        transfer = cls(id=id, kind=kind, requested_by=by, created_at=at, due_at=at, **options)
        transfer.record(
            TransferRequested(
                transfer=id,
                kind=kind,
                file_name=transfer.file_name,
                dry_run=transfer.dry_run,
                restock=transfer.restock,
                at=at,
            )
        )
        return transfer

    def begin(self, at: datetime, until: datetime) -> None:
        self.status, self.due_at = TransferStatus.RUNNING, until
        self.attempts += 1
        self.started_at = self.started_at or at

    def proceed(self, attempt: int, done: int, total: int, until: datetime) -> None:
        """Tell how far it is, and hold it longer. Raises TransferLost."""
        self._held_by(attempt)
        self.done, self.total, self.due_at = done, total, until

    def postpone(self, attempt: int, until: datetime) -> None:
        """Try again then. Raises TransferLost."""
        self._held_by(attempt)
        self.status, self.due_at = TransferStatus.QUEUED, until

    def finish(self, attempt: int, at: datetime, total: int, outcome: Outcome) -> None:
        """Raises TransferLost."""
        self._held_by(attempt)
        self.status, self.finished_at, self.outcome = TransferStatus.DONE, at, outcome
        self.done = self.total = total

    def fail(self, attempt: int, at: datetime, failure: Failure) -> None:
        """Raises TransferLost."""
        self._held_by(attempt)
        self.status, self.finished_at, self.failure = TransferStatus.FAILED, at, failure

    def _held_by(self, attempt: int) -> None:
        if self.status is not TransferStatus.RUNNING or self.attempts != attempt:
            raise TransferLost


class Transfers(Protocol):
    """Repository of transfers and their files, which are kept in chunks: the upload's, and each attempt's own."""

    async def take(self, id: TransferId) -> Transfer:
        """Locked. Raises TransferNotFound."""
        ...

    async def take_due(self, kind: Kind, at: datetime) -> Transfer | None:
        """The oldest that waits, or whose lease has ended; locked, and passing over those that others have locked."""
        ...

    async def save(self, transfer: Transfer) -> None: ...

    async def write(self, id: TransferId, attempt: int, position: int, data: bytes) -> None: ...

    async def read(self, id: TransferId, attempt: int, position: int) -> bytes | None:
        """The chunk of that number, from 0 on; None behind the last."""
        ...

    async def discard(self, id: TransferId, but: int | None = None) -> None:
        """Forget its file, but for what that attempt has written."""
        ...

    async def forget(self, before: datetime, limit: int) -> int:
        """Forget at most so many that ended before then, with their files; how many there were."""
        ...
