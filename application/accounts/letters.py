"""What the shop writes to who has an account, and when: a link to follow, or a word of warning."""

from dataclasses import dataclass
from html import escape
from uuid import UUID

from application.accounts.texts import TEXTS, Letter
from application.notifications import Letterhead
from application.ports import Mail, Mailer, RefreshSecrets, Store
from domain.accounts import (
    EmailChanged,
    EmailChangeRequested,
    Ending,
    PasswordChanged,
    SessionsEnded,
    User,
    UserId,
    UserRegistered,
)
from domain.links import LIFETIMES, Link, PasswordResetRequested, Purpose

PAGES = {
    Purpose.VERIFY_EMAIL: "account/verify-email/",
    Purpose.CHANGE_EMAIL: "account/verify-email/",
    Purpose.RESET_PASSWORD: "account/reset-password/",
}
HTML = """\
<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{subject}</title></head>
<body style="font-family: sans-serif; max-width: 40em; margin: 2em auto">
{paragraphs}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class WriteLetter:
    """Puts a letter into the user's language and sends it, to the account's address if no other is named."""

    store: Store
    mailer: Mailer
    letterhead: Letterhead

    async def __call__(self, event: UUID, user: User, letter: Letter, to: str, link: str = "", email: str = "") -> None:
        wording = TEXTS[user.preferred_language][letter]
        text = wording.text.format(email=email)
        paragraphs = [text, link, wording.after, self.letterhead.shop]
        anchor = f'<a href="{escape(link)}">{escape(wording.link)}</a>' if link else ""
        markup = [escape(text), anchor, escape(wording.after), escape(self.letterhead.shop)]
        await self.mailer.send(
            Mail(
                message_id=self.letterhead.message_id(event, letter),
                to=to,
                subject=wording.subject,
                text="\n\n".join(filter(None, paragraphs)) + "\n",
                html=HTML.format(
                    language=user.preferred_language,
                    subject=escape(wording.subject),
                    paragraphs="\n".join(f"<p>{each}</p>" for each in filter(None, markup)),
                ),
            )
        )

    async def addressee(self, user: UserId) -> User | None:
        """None for who is locked out or gone: they get no more mail."""
        async with self.store.transaction() as tx:
            found = await tx.users.get(user)
        return found if found.is_active else None


@dataclass(frozen=True, slots=True)
class IssueLink:
    """Makes the address of a link that works once. Told again it makes another: the mail that went out stays good."""

    store: Store
    secrets: RefreshSecrets
    letterhead: Letterhead

    async def __call__(self, user: User, purpose: Purpose, email: str) -> str:
        token = self.secrets.new()
        link = Link(digest=self.secrets.digest(token), user=user.id, purpose=purpose, email=email)
        async with self.store.transaction() as tx:
            await tx.links.add(link, LIFETIMES[purpose])
        return f"{self.letterhead.url.rstrip('/')}/{PAGES[purpose]}?token={token}"


@dataclass(frozen=True, slots=True)
class SendVerification:
    """To who has just registered."""

    write: WriteLetter
    issue: IssueLink

    async def __call__(self, id: UUID, event: UserRegistered) -> None:
        user = await self.write.addressee(event.user)
        if user is not None and not user.email_verified and user.email == event.email:
            link = await self.issue(user, Purpose.VERIFY_EMAIL, user.email)
            await self.write(id, user, Letter.VERIFY_EMAIL, user.email, link)


@dataclass(frozen=True, slots=True)
class SendPasswordReset:
    """To who has the address that was named."""

    write: WriteLetter
    issue: IssueLink

    async def __call__(self, id: UUID, event: PasswordResetRequested) -> None:
        user = await self.write.addressee(event.user) if event.user else None
        if user is not None:
            link = await self.issue(user, Purpose.RESET_PASSWORD, user.email)
            await self.write(id, user, Letter.RESET_PASSWORD, user.email, link)


@dataclass(frozen=True, slots=True)
class SendEmailChange:
    """To the new address: a link, or, where it has an account of its own, a word to that."""

    store: Store
    write: WriteLetter
    issue: IssueLink

    async def __call__(self, id: UUID, event: EmailChangeRequested) -> None:
        user = await self.write.addressee(event.user)
        if user is None:
            return
        async with self.store.transaction() as tx:
            owner = await tx.users.find_by_email(event.email)
        if owner is None or owner.id == user.id:
            link = await self.issue(user, Purpose.CHANGE_EMAIL, event.email)
            await self.write(id, user, Letter.CHANGE_EMAIL, event.email, link)
        elif owner.is_active:
            await self.write(id, owner, Letter.EMAIL_IN_USE, owner.email)


@dataclass(frozen=True, slots=True)
class TellOfEmailChange:
    """To the address that is to be given up."""

    write: WriteLetter

    async def __call__(self, id: UUID, event: EmailChangeRequested) -> None:
        user = await self.write.addressee(event.user)
        if user is not None:
            await self.write(id, user, Letter.EMAIL_CHANGE_REQUESTED, user.email, email=event.email)


@dataclass(frozen=True, slots=True)
class TellFormerEmail:
    """To the address that was given up."""

    write: WriteLetter

    async def __call__(self, id: UUID, event: EmailChanged) -> None:
        user = await self.write.addressee(event.user)
        if user is not None:
            await self.write(id, user, Letter.EMAIL_CHANGED, event.former, email=event.email)


@dataclass(frozen=True, slots=True)
class TellOfPassword:
    write: WriteLetter

    async def __call__(self, id: UUID, event: PasswordChanged) -> None:
        user = await self.write.addressee(event.user)
        if user is not None:
            await self.write(id, user, Letter.PASSWORD_CHANGED, user.email)


@dataclass(frozen=True, slots=True)
class WarnOfTheft:
    """A refresh token came a second time: whose session it was should know."""

    write: WriteLetter

    async def __call__(self, id: UUID, event: SessionsEnded) -> None:
        user = await self.write.addressee(event.user) if event.reason is Ending.TOKEN_REUSED else None
        if user is not None:
            await self.write(id, user, Letter.TOKEN_REUSED, user.email)
