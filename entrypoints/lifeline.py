"""The line between `tradepost up` and its children: they start work when it says so, and end when it ends."""

import os
import signal
import threading
import time
from dataclasses import dataclass
from typing import Self

VARIABLE = "TRADEPOST_LIFELINE"
GO = b"g"
GRACE = 20.0  # seconds to end in good order once the supervisor is gone


def hold() -> None:
    """For a child, once all is imported: wait for the word to begin, then let this process end with its supervisor.

    Returns at once where nobody supervises (`tradepost serve` by itself). Exits if the supervisor ends before the word.
    """
    name = os.environ.pop(VARIABLE, None)
    if name is None:
        return
    descriptor = int(name)
    if os.read(descriptor, 1) != GO:
        raise SystemExit(0)
    threading.Thread(target=_follow, args=(descriptor,), name="lifeline", daemon=True).start()


def _follow(descriptor: int) -> None:
    os.read(descriptor, 1)  # nothing more is ever sent: this returns when the other end is closed
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)  # a sleeping main thread hears no other's
    time.sleep(GRACE)
    if os.getpgrp() == os.getpid():  # so it is when `up` started us: the group is all ours
        os.killpg(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Lifeline:
    """The supervisor's side: `child_end` is inherited by one child."""

    child_end: int
    our_end: int

    @classmethod
    def make(cls) -> Self:
        return cls(*os.pipe())

    def go(self) -> None:
        """Give the word to begin; nothing happens if the child is gone already."""
        try:
            os.write(self.our_end, GO)
        except BrokenPipeError:
            return  # who watches the child notices

    def handed_over(self) -> None:
        """Close the child's end here: it has its own copy now."""
        os.close(self.child_end)

    def cut(self) -> None:
        os.close(self.our_end)
