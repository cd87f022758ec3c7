"""What every mailer must do, and every mailbox show; and what only SMTP can go wrong with."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Protocol

import pytest

from adapters.email.files import FileMailer
from adapters.email.smtp import SmtpMailer, SmtpServer
from adapters.memory.mail import MemoryMailer
from application.ports import Mail, Mailbox, Mailer, Outgoing, RecipientRefused, Unavailable

SENDER = "Lämpchen & Co <shop@example.com>"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class MailerWithBox(Mailer, Mailbox, Protocol):
    """Where mail can be sent and looked at."""


def a_mail(message_id: str = "1.confirmorder@mail.tradepost", **other: str) -> Mail:
    told = {
        "to": "ada@example.com",
        "subject": "Your order ORD-7",
        "text": "Grüße\n\nFrom us\n",
        "html": "<p>Grüße</p>\n",
    }
    return Mail(message_id=message_id, **{**told, **other})


@pytest.fixture(params=["memory", "files"])
def mailer(request: pytest.FixtureRequest, tmp_path: Path) -> MailerWithBox:
    clock: Callable[[], datetime] = lambda: NOON  # noqa: E731
    if request.param == "memory":
        return MemoryMailer(clock)
    return FileMailer(tmp_path / "data dir" / "mail", SENDER, clock)


async def test_a_mail_that_was_sent_can_be_read_again(mailer: MailerWithBox) -> None:
    mail = a_mail()
    await mailer.send(mail)
    assert await mailer.sent() == [Outgoing(mail.message_id, mail.to, mail.subject, mail.text, mail.html, NOON)]


async def test_an_empty_mailbox_has_no_mail(mailer: MailerWithBox) -> None:
    assert await mailer.sent() == []


async def test_the_same_message_sent_twice_or_at_once_is_there_once(mailer: MailerWithBox) -> None:
    await mailer.send(a_mail())
    await asyncio.gather(*(mailer.send(a_mail(text=f"Again {n}\n")) for n in range(8)))
    assert [mail.text for mail in await mailer.sent()] == ["Grüße\n\nFrom us\n"]


async def test_the_newest_comes_first_and_no_more_than_asked_for(mailer: MailerWithBox) -> None:
    for n in range(5):
        await mailer.send(a_mail(f"{n}@mail.tradepost", subject=f"Number {n}"))
    assert [mail.subject for mail in await mailer.sent(3)] == ["Number 4", "Number 3", "Number 2"]


async def test_long_lines_and_every_script_survive(mailer: MailerWithBox) -> None:
    text = "x" * 3000 + " 日本語 é 🙂\n.\n.dot\nFrom me\n"
    subject = "Your order ORD-7: " + "äöü 日本語 " * 20 + "end"
    await mailer.send(a_mail(text=text, html=f"<p>{text}</p>\n", subject=subject))
    (mail,) = await mailer.sent()
    assert (mail.text, mail.html, mail.subject) == (text, f"<p>{text}</p>\n", subject)


class TestFiles:
    """The directory of .eml files."""

    async def test_nothing_but_whole_messages_lies_in_the_directory(self, tmp_path: Path) -> None:
        await FileMailer(tmp_path, SENDER, lambda: NOON).send(a_mail())
        assert [path.name for path in tmp_path.iterdir()] == ["1.confirmorder@mail.tradepost.eml"]

    @pytest.mark.parametrize(
        "message_id", ["../../etc/passwd", ".hidden", "a/b", "x" * 400, "zeile\nBcc: eve@example.com"]
    )
    async def test_no_message_id_leads_out_of_the_directory(self, tmp_path: Path, message_id: str) -> None:
        mailer = FileMailer(tmp_path / "mail", SENDER, lambda: NOON)
        await mailer.send(a_mail(message_id))
        assert len(await mailer.sent()) == 1
        assert [path.name for path in tmp_path.iterdir()] == ["mail"]

    @pytest.mark.parametrize("field", ["subject", "message_id"])
    async def test_a_line_break_adds_no_header(self, tmp_path: Path, field: str) -> None:
        mailer = FileMailer(tmp_path, SENDER, lambda: NOON)
        await mailer.send(a_mail(**{field: "innocent\r\nBcc: eve@example.com\r\n\r\nbody"}))
        (path,) = tmp_path.iterdir()
        message = message_from_bytes(path.read_bytes(), EmailMessage, policy=default)
        assert message["Bcc"] is None
        assert message["To"] == "ada@example.com"

    @pytest.mark.parametrize(
        "to",
        [
            "",
            "nobody",
            "@example.com",
            "ada@",
            "ada@example.com, eve@example.com",
            "ada@example.com\r\nBcc: eve@example.com",
            "Ada <ada@example.com>",
            "ada @example.com",
        ],
    )
    async def test_what_is_not_one_address_is_refused(self, tmp_path: Path, to: str) -> None:
        with pytest.raises(RecipientRefused):
            await FileMailer(tmp_path, SENDER, lambda: NOON).send(a_mail(to=to))
        assert list(tmp_path.iterdir()) == []


@dataclass
class SmtpSink:
    """A mail server that speaks just enough, remembers what it got, and refuses whom it is told to."""

    port: int = 0
    refusals: dict[str, str] = field(default_factory=dict)
    messages: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    extensions: str = "250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN\r\n"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, recipients = "", list[str]()
        writer.write(b"220 sink\r\n")
        while line := (await reader.readline()).decode():
            verb, _, rest = line.strip().partition(" ")
            answer = "250 ok\r\n"
            match verb.upper():
                case "EHLO":
                    answer = f"250-sink\r\n{self.extensions}"
                case "AUTH":
                    self.logins.append(rest)
                    answer = "235 welcome\r\n"
                case "MAIL":
                    sender = rest[rest.index("<") + 1 : rest.index(">")]
                case "RCPT":
                    recipient = rest[rest.index("<") + 1 : rest.index(">")]
                    recipients.append(recipient)
                    answer = self.refusals.get(recipient, "250 ok") + "\r\n"
                case "DATA":
                    writer.write(b"354 go on\r\n")
                    raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n", b"\n").replace(b"\n..", b"\n.")
                    self.messages.append((sender, recipients, message_from_bytes(raw, EmailMessage, policy=default)))
                case "QUIT":
                    answer = "221 bye\r\n"
            writer.write(answer.encode())
        writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["SmtpSink"]:
        async with await asyncio.start_server(self.talk, "127.0.0.1", 0) as server:
            self.port = server.sockets[0].getsockname()[1]
            yield self


def smtp(sink: SmtpSink, login: str = "") -> SmtpMailer:
    return SmtpMailer(SmtpServer.parse(f"smtp://{login}127.0.0.1:{sink.port}"), SENDER, lambda: NOON)


class TestSmtp:
    """The real protocol, with a small server at its other end."""

    async def test_a_mail_arrives_whole(self) -> None:
        async with SmtpSink().open() as sink:
            await smtp(sink).send(a_mail(text=".dot\n" + "y" * 2000 + "\nGrüße\n"))
        ((sender, recipients, message),) = sink.messages
        assert (sender, recipients) == ("shop@example.com", ["ada@example.com"])
        assert message["From"] == SENDER
        assert message["Message-ID"] == "<1.confirmorder@mail.tradepost>"
        assert message["Subject"] == "Your order ORD-7"
        assert message["Date"] == "Sun, 22 Nov 2026 12:00:00 +0000"
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        assert text is not None
        assert html is not None
        assert text.get_content() == ".dot\n" + "y" * 2000 + "\nGrüße\n"
        assert html.get_content() == "<p>Grüße</p>\n"

    async def test_an_address_beyond_ascii_is_served(self) -> None:
        async with SmtpSink().open() as sink:
            await smtp(sink).send(a_mail(to="jürgen@example.com"))
        assert sink.messages[0][1] == ["jürgen@example.com"]

    async def test_name_and_password_come_out_of_the_url_decoded(self) -> None:
        async with SmtpSink().open() as sink:
            await smtp(sink, "shop%40example.com:p%3Aw%2F1@").send(a_mail())
        assert sink.logins == ["PLAIN AHNob3BAZXhhbXBsZS5jb20AcDp3LzE="]  # \0shop@example.com\0p:w/1

    async def test_an_unknown_recipient_is_refused_for_good(self) -> None:
        async with SmtpSink(refusals={"ada@example.com": "550 no such user"}).open() as sink:
            with pytest.raises(RecipientRefused):
                await smtp(sink).send(a_mail())

    async def test_a_full_mailbox_may_have_room_later(self) -> None:
        async with SmtpSink(refusals={"ada@example.com": "452 full"}).open() as sink:
            with pytest.raises(Unavailable, match="mail"):
                await smtp(sink).send(a_mail())

    async def test_no_server_is_no_disaster(self) -> None:
        async with SmtpSink().open() as sink:
            pass
        with pytest.raises(Unavailable, match="mail"):
            await smtp(sink).send(a_mail())

    @pytest.mark.parametrize(
        ("url", "start_tls"),
        [
            ("smtp://mail.example.com", None),
            ("smtp://shop:secret@mail.example.com", True),
            ("smtp://shop:secret@127.0.0.1", None),
            ("smtps://shop:secret@mail.example.com", False),
        ],
    )
    def test_a_password_leaves_the_machine_under_tls_only(self, url: str, start_tls: bool | None) -> None:
        server = SmtpServer.parse(url)
        assert server.start_tls is start_tls
        assert "secret" not in repr(server)

    def test_the_usual_ports_are_known(self) -> None:
        assert SmtpServer.parse("smtp://mail.example.com").port == 587
        assert SmtpServer.parse("smtps://mail.example.com").port == 465
        assert SmtpServer.parse("smtp://mail.example.com:1025").port == 1025

    @pytest.mark.parametrize("url", ["http://mail.example.com", "mail.example.com", "smtp://", "smtp://a:99999"])
    def test_what_is_no_mail_server_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError, match=r"smtp|range"):
            SmtpServer.parse(url)
