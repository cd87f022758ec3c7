"""As whom the servers run: PostgreSQL refuses root, so root lends them to another user."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from adapters.embedded.errors import EmbeddedServerError

ROOT = 0


@dataclass(frozen=True, slots=True)
class Account:
    """The user of a server's processes and files; `lent` when that is not who started us."""

    uid: int
    gid: int
    lent: bool

    @classmethod
    def for_home(cls, home: Path) -> Self:
        """Ourselves, or for root the owner of `home`, or `nobody` where there is no home yet."""
        owner = home.stat().st_uid if home.exists() else None
        if os.geteuid() != ROOT:
            if owner not in (None, os.geteuid()):
                raise EmbeddedServerError(
                    f"{home} belongs to another user (uid {owner}): start as that user, or set DATA_DIR"
                )
            return cls(os.geteuid(), os.getegid(), lent=False)
        try:
            user = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
        except KeyError:
            raise EmbeddedServerError(
                f"root cannot run PostgreSQL, and this machine has no user {owner or 'nobody'}"
            ) from None
        return cls(user.pw_uid, user.pw_gid, lent=True)

    def own(self, path: Path) -> None:
        """Hand over something that we just made ourselves."""
        if self.lent:
            os.chown(path, self.uid, self.gid)

    def own_open_file(self, descriptor: int) -> None:
        """Hand over an open file, so that this user may open it again by /dev/stdin."""
        if self.lent:
            os.fchown(descriptor, self.uid, self.gid)
