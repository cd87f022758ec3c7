"""Mail in memory: a list to look into."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from application.ports import Clock, Mail, Outgoing


@dataclass(frozen=True, slots=True)
class MemoryMailer:
    """`Mailer` and `Mailbox`. A message that was sent before is not sent again."""

    clock: Clock
    outgoing: dict[str, Outgoing] = field(default_factory=dict)

    async def send(self, mail: Mail) -> None:
        sent = Outgoing(mail.message_id, mail.to, mail.subject, mail.text, mail.html, self.clock())
        self.outgoing.setdefault(mail.message_id, sent)

    async def sent(self, limit: int = 100) -> Sequence[Outgoing]:
        return list(reversed(self.outgoing.values()))[:limit]
