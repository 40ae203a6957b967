"""The simulator's HTTP side: orders for the portal, and a control for people and tests.

GET  /control              how it behaves, and how it could
PUT  /control              {"mode", "seconds", "code", "keyless"}: towards everybody, or
PUT  /control/NUMBER       towards one number only, until everybody is told again
GET  /packages             everything that was given; /packages/NUMBER what a number has
PUT, GET /orders/REFERENCE as in klikon/provisioning/line/client.py
GET  /orders?since=…       as in klikon/provisioning/line/listing.py
"""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from klikon.charging_simulator.callbacks import Callbacks
from klikon.charging_simulator.faults import MODES, Behaviour
from klikon.charging_simulator.store import Kept, SimulatorStore

LARGEST = 10_000


class Simulator(ThreadingHTTPServer):
    """The server: one store, one behaviour, one thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], store: SimulatorStore, callbacks: Callbacks
    ) -> None:
        super().__init__(address, Handler)
        self.store, self.callbacks = store, callbacks
        self.behaviour = Behaviour()
        self.towards: dict[str, Behaviour] = {}
        self.numbers: dict[str, str] = {}  # reference → number

    def behave(self, behaviour: Behaviour, number: str = "") -> None:
        """Behave so from now on: towards this number, or towards everybody."""
        if number:
            self.towards[number] = behaviour
        else:
            self.behaviour, self.towards = behaviour, {}

    def towards_order(self, reference: str) -> Behaviour:
        return self.towards.get(self.numbers.get(reference, ""), self.behaviour)


class Cut(Exception):  # noqa: N818 - told to: no answer
    """Drop the connection."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Simulator

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_PUT(self) -> None:
        self._answer(self._put)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Log nothing, because addresses carry numbers."""

    def _answer(self, act: Any) -> None:
        try:
            status, said = act(self._body())
        except Cut:
            self.close_connection = True
            return
        content = json.dumps(said).encode()
        with suppress(ConnectionError):  # the client has gone
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    def _body(self) -> dict[str, Any]:
        length = min(int(self.headers.get("Content-Length") or 0), LARGEST)
        try:
            said = json.loads(self.rfile.read(length) or b"{}")
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    def _get(self, _said: dict[str, Any]) -> tuple[int, Any]:
        place, _, name = unquote(urlsplit(self.path).path).strip("/").partition("/")
        store = self.server.store
        if place == "control":
            return 200, {**self.server.behaviour.as_json(), "modes": MODES}
        if place == "packages":
            return 200, store.of_number(name) if name else store.given()
        if place == "orders" and not name:
            return self._list()
        if place == "orders":
            self._pass_the_door(name)
            kept = store.find(name)
            if kept is None:
                return 404, {"code": "unknown_reference"}
            return 200, self.server.towards_order(name).answered(kept.as_json())
        return 404, {}

    def _put(self, said: dict[str, Any]) -> tuple[int, Any]:
        place, _, name = unquote(self.path).strip("/").partition("/")
        if place == "control":
            try:
                behaviour = Behaviour.told(said)
            except ValueError:
                return 400, {"modes": MODES}
            self.server.behave(behaviour, name)
            return 200, behaviour.as_json()
        if place == "orders":
            self.server.numbers[name] = str(said.get("msisdn"))
            self._pass_the_door(name)
            return self._order({**said, "reference": name})
        return 404, {}

    def _list(self) -> tuple[int, Any]:
        """Send everything that it took, page by page."""
        self._pass_the_door("")
        if self.server.behaviour.mode == "down":
            return 503, {"code": "down"}
        asked = dict(parse_qsl(urlsplit(self.path).query))
        try:
            since = datetime.fromisoformat(asked["since"]).astimezone(UTC).isoformat()
            after, limit = int(asked.get("after", 0)), min(int(asked.get("limit", 100)), 500)
        except (KeyError, ValueError):
            return 400, {"code": "unreadable"}
        return 200, self.server.store.listed(since, after, max(limit, 1))

    def _pass_the_door(self, reference: str) -> None:
        """Apply faults of the line itself, whatever is asked."""
        behaviour = self.server.towards_order(reference)
        if behaviour.mode == "cut":
            raise Cut
        if behaviour.mode == "slow":
            time.sleep(behaviour.seconds)

    def _order(self, order: dict[str, Any]) -> tuple[int, Any]:
        behaviour, store = self.server.towards_order(order["reference"]), self.server.store
        if behaviour.mode == "down":
            return 503, {"code": "down"}
        if behaviour.mode == "forget":
            kept = Kept(order["reference"], order["msisdn"], order["package"], "done")
            return 200, kept.as_json()
        if behaviour.keyless and store.find(order["reference"]):
            store.give(order)
        if behaviour.mode == "fail":
            kept = store.keep(order, "failed", behaviour.code)
        else:
            kept = store.keep(order, "pending" if behaviour.mode == "late" else "done")
        self._tell(order, kept, behaviour)
        status = {"failed": 422, "pending": 202}.get(kept.state, 200)
        return status, behaviour.answered(kept.as_json())

    def _tell(self, order: dict[str, Any], kept: Kept, behaviour: Behaviour) -> None:
        tell = self.server.callbacks
        said = kept.as_json()
        if behaviour.mode == "silent":
            raise Cut
        if behaviour.mode == "early":
            tell.tell_now(said)
        if behaviour.mode == "twice":
            tell.tell(said, times=2)
        if behaviour.mode.startswith("told_"):
            tell.tell(behaviour.told_by_itself(said), after=0.2)
        if behaviour.mode == "contradict":
            tell.tell({**said, "state": "failed", "code": behaviour.code}, after=0.2)
        if behaviour.mode == "late" and kept.state == "pending":
            tell.later(
                lambda: self.server.store.finish(order),
                behaviour.seconds,
                {**said, "state": "done"},
            )
