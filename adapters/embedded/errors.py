"""What can go wrong with a server of our own, said in a sentence."""


class EmbeddedServerError(OSError):
    """A server could not be found, started or stopped; the message says which, why and what to do."""
