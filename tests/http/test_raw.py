"""A real server before the app: slow clients are let go of, and what two readers would read in two ways is refused."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

HOST = b"Host: localhost\r\n"
JSON = b"Content-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
PATIENCE = 30.0  # seconds for what comes much sooner


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server that gives a head 700 ms and a body half a second."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.http.raw_app", str(port), "700", "0.5"]
    server = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("raw"), env={"PYTHONPATH": str(root)})
    while not _is_up(port):
        assert server.poll() is None
    yield port
    server.terminate()
    server.wait()


def _is_up(port: int) -> bool:
    try:
        return ask(port, b"GET /health/live/ HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n").startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def ask(port: int, *pieces: bytes) -> bytes:
    """All that comes until the server closes, which it has to."""
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE)) as line:
        for piece in pieces:
            line.sendall(piece)
        return b"".join(iter(lambda: line.recv(65_536), b""))


def statuses(answer: bytes) -> Sequence[str]:
    return [part[:3].decode() for part in answer.split(b"HTTP/1.1 ")[1:]]


def a_get(*headers: bytes, target: bytes = b"/t/plain") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + b"".join(headers) + b"\r\n"


def a_post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"POST /t/wish HTTP/1.1\r\n" + HOST + JSON + b"".join(headers) + b"\r\n" + body


def test_who_says_nothing_is_let_go_of(port: int) -> None:
    assert ask(port) == b""


def test_who_does_not_end_the_head_is_let_go_of(port: int) -> None:
    assert ask(port, b"GET /t/plain HTTP/1.1\r\n", HOST, b"X-Slow: 1\r\n") == b""


def test_who_stays_without_asking_is_let_go_of(port: int) -> None:
    assert statuses(ask(port, a_get(HOST))) == ["200"]


def test_who_does_not_send_the_body_is_told_so_and_let_go_of(port: int) -> None:
    answer = ask(port, a_post(b"Content-Length: 100\r\n", body=b"{"))
    assert statuses(answer) == ["408"]
    assert b'"code":"request-timeout"' in answer


def test_slow_clients_keep_nobody_waiting(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(200)]
    for line in lines:
        line.sendall(b"GET /t/plain HTTP/1.1\r\nX-Slow: ")
    assert statuses(ask(port, a_get(HOST, CLOSE))) == ["200"]
    assert [line.recv(1) for line in lines] == [b""] * 200
    for line in lines:
        line.close()


TOO_MUCH = {
    "headers": a_get(HOST, *(b"X-%d: 1\r\n" % number for number in range(150))),
    "a header": a_get(HOST, b"X-Long: " + b"a" * 150_000 + b"\r\n"),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_a_head_that_is_too_large_is_refused(port: int, what: str) -> None:
    assert statuses(ask(port, TOO_MUCH[what])) == ["431"]


def test_a_body_is_not_read_beyond_its_limit(port: int) -> None:
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    assert statuses(ask(port, a_post(b"Transfer-Encoding: chunked\r\n", CLOSE, body=chunk * 17 + b"0\r\n\r\n"))) == [
        "413"
    ]


ODD = {
    "two lengths": a_post(b"Content-Length: 2\r\nContent-Length: 20\r\n", body=b"{}"),
    "a length that is none": a_post(b"Content-Length: +2\r\n", body=b"{}"),
    "a coding nobody knows": a_post(b"Transfer-Encoding: xchunked\r\n", body=b"0\r\n\r\n"),
    "chunked and then not": a_post(b"Transfer-Encoding: chunked, identity\r\n", body=b"0\r\n\r\n"),
    "two codings": a_post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", body=b"0\r\n\r\n"),
    "a space before the colon": a_post(b"Transfer-Encoding : chunked\r\n", body=b"0\r\n\r\n"),
    "a folded header": a_get(HOST, b"X-Folded: 1\r\n Transfer-Encoding: chunked\r\n"),
    "a method that is none": b"G<T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "a NUL in a header": a_get(HOST, b"X-Nul: a\0b\r\n"),
    "a lone CR in a header": a_get(HOST, b"X-Cr: a\rb\r\n"),
    "two hosts": a_get(HOST, b"Host: evil.example\r\n", CLOSE),
    "another host than the target's": a_get(b"Host: evil.example\r\n", CLOSE, target=b"http://localhost/t/plain"),
}


@pytest.mark.parametrize("what", ODD)
def test_what_could_be_read_in_two_ways_is_refused(port: int, what: str) -> None:
    assert statuses(ask(port, ODD[what])) == ["400"]


def test_a_length_beside_chunks_smuggles_nothing(port: int) -> None:
    """The chunks count (RFC 9112, 6.3), and nothing after them is answered."""
    smuggled = b"0\r\n\r\n" + a_get(HOST)
    answer = ask(port, a_post(b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", body=smuggled))
    assert statuses(answer) == ["422"]


def test_a_target_with_a_host_in_it_is_only_a_path(port: int) -> None:
    answer = ask(port, a_get(HOST, CLOSE, target=b"http://evil.example/t/plain"))
    assert statuses(answer) == ["200"]
    assert b"evil" not in answer


def test_no_other_protocol_is_spoken(port: int) -> None:
    assert b"HTTP/1.1 2" not in ask(port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00")
    upgrade = a_get(HOST, CLOSE, b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade\r\n")
    assert statuses(ask(port, upgrade)) == ["200"]


def test_the_server_does_not_tell_its_name(port: int) -> None:
    assert b"granian" not in ask(port, a_get(HOST, CLOSE))
