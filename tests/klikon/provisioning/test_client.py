"""Whatever the charging system says becomes one of six words, and never an exception."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pytest_django import Settings

from klikon.provisioning.answers import Answer, Statement, Word
from klikon.provisioning.line import client

PACKAGE = client.OrderedPackage(
    "KN-7QX-4PW-R2AR", "+355671234567", "S700", 28, "2026-11-05T14:05:00+01:00"
)
OURS = '"reference": "KN-7QX-4PW-R2AR", "msisdn": "+355671234567", "package": "S700"'
ABOUT = Statement("KN-7QX-4PW-R2AR", "+355671234567", "S700")
DONE = f'{{{OURS}, "state": "done"}}'


def saying_of_ours(word: Word, state: str, code: str = "") -> Answer:
    return Answer(word, code, about=replace(ABOUT, state=state, code=code))


class Saying(BaseHTTPRequestHandler):
    """A server that says what the test put there, and remembers the questions."""

    status, body, wait = 200, DONE, ""
    heard: list[tuple[str, str, str]] = []

    def do_PUT(self) -> None:
        self.heard.append((self.command, self.path, self.headers["Idempotency-Key"]))
        self.send_response(self.status)
        if self.wait:
            self.send_header("Retry-After", self.wait)
        self.send_header("Content-Length", str(len(self.body.encode())))
        self.end_headers()
        self.wfile.write(self.body.encode())

    do_GET = do_PUT  # noqa: N815

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


@pytest.fixture
def saying(settings: Settings) -> Iterator[type[Saying]]:
    class Here(Saying):
        heard: list[tuple[str, str, str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    settings.CHARGING_URL = f"http://127.0.0.1:{server.server_port}/v1/"
    settings.CHARGING_TIMEOUT = 1
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield Here
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, DONE, saying_of_ours(Word.DONE, "done")),
        (202, f'{{{OURS}, "state": "pending"}}', saying_of_ours(Word.PENDING, "pending")),
        (
            422,
            f'{{{OURS}, "state": "failed", "code": "not_prepaid"}}',
            saying_of_ours(Word.FAILED, "failed", "not_prepaid"),
        ),
        (
            422,
            f'{{{OURS}, "state": "failed", "code": ["not_prepaid"]}}',
            Answer(Word.SILENCE, "unreadable", about=replace(ABOUT, state="failed")),
        ),
        (
            200,
            f'{{{OURS}, "state": ["done"]}}',
            Answer(Word.SILENCE, "unreadable", about=ABOUT),
        ),
        (
            200,
            '{"reference": "KN-777-777-7777", "state": "done"}',
            Answer(Word.DONE, about=Statement("KN-777-777-7777", state="done")),
        ),
        (200, f"{{{OURS}}}", Answer(Word.SILENCE, "http_200")),
        (200, '["done"]', Answer(Word.SILENCE, "http_200")),
        (200, "<html>", Answer(Word.SILENCE, "http_200")),
        (500, DONE, Answer(Word.SILENCE, "http_500")),
        (503, "", Answer(Word.TRY_LATER, "http_503")),
        (401, "", Answer(Word.TRY_LATER, "http_401")),
        (404, '{"code": "unknown_reference"}', Answer(Word.TRY_LATER, "http_404")),
        (302, "", Answer(Word.SILENCE, "http_302")),
    ],
)
def test_what_an_order_is_answered(
    saying: type[Saying], status: int, body: str, answer: Answer
) -> None:
    saying.status, saying.body = status, body
    assert client.send(PACKAGE) == answer


def test_our_reference_is_the_key(saying: type[Saying]) -> None:
    client.send(PACKAGE)
    client.ask("KN-7QX-4PW-R2AR")
    assert saying.heard == [
        ("PUT", "/v1/orders/KN-7QX-4PW-R2AR", "KN-7QX-4PW-R2AR"),
        ("GET", "/v1/orders/KN-7QX-4PW-R2AR", "KN-7QX-4PW-R2AR"),
    ]


def test_what_is_asked_for_may_not_be_known(saying: type[Saying]) -> None:
    saying.status, saying.body = 404, '{"code": "unknown_reference"}'
    assert client.ask("KN-7QX-4PW-R2AR") == Answer(Word.NEVER_HEARD, asked=True)


def test_a_wrong_address_is_not_a_system_that_does_not_know_it(saying: type[Saying]) -> None:
    saying.status, saying.body = 404, "no such page"
    assert client.ask("KN-7QX-4PW-R2AR").word == "try_later"


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("30", timedelta(seconds=30)),
        ("99999999", timedelta(hours=1)),
        ("9" * 40, None),
        ("soon", None),
    ],
)
def test_how_long_to_wait_is_listened_to_up_to_an_hour(
    saying: type[Saying], said: str, wait: timedelta | None
) -> None:
    saying.status, saying.body, saying.wait = 429, "", said
    assert client.send(PACKAGE).wait == wait
