"""Questions to an address: is it free, is the shop there ready."""

import errno
import http.client
import socket

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 (looked up, never bound)
PORTS_TRIED = 100
PATIENCE = 5.0  # seconds for an answer
READY = 200
TAKEN = {errno.EADDRINUSE, errno.EACCES}  # EACCES: ports below 1024


def reachable(host: str) -> str:
    """The address by which this machine reaches a server that listens on `host`."""
    return EVERYWHERE.get(host, host)


def url(host: str, port: int) -> str:
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def first_free(host: str, port: int) -> int:
    """That port or the next free one above it; OSError if a hundred are taken, or the address is not this machine's."""
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        if _is_free(host, candidate):
            return candidate
    raise OSError(f"no free port on {host} from {port} on")


def _is_free(host: str, port: int) -> bool:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno in TAKEN:
                return False
            raise
        return True


def is_ready(host: str, port: int) -> bool:
    """Whether the shop there says that it is ready for customers."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health/ready/")
        return connection.getresponse().status == READY
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
