"""Request ids, the access log, metrics and probes."""

import asyncio
import io
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from renvoi import logs
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState, Message
from renvoi.domain.rules.rule import Rule
from renvoi.domain.rules.schedule import Schedule
from renvoi.http import probes
from renvoi.http.deps import Condition, Measurement, PartState
from tests.support.http_api import KEY, NUMBER, PATH, START_MS, Api
from tests.support.memory_store import MemoryStore


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abc-1.2_Z", True), ("x" * 64, True), ("x" * 65, False), ("", False), ("a b", False), ("a\tb", False)],
)
def test_a_sane_request_id_is_kept(given: str, kept: bool) -> None:
    """Any other is replaced by one of our own."""
    answer = Api().post(headers={"x-request-id": given})
    assert (answer.headers["x-request-id"] == given) == kept
    assert answer.headers.get_list("x-request-id") == [answer.headers["x-request-id"]]


def test_request_ids_differ() -> None:
    """And every answer has one, 404 included."""
    api = Api()
    ids = {api.request("GET", path).headers["x-request-id"] for path in (PATH, "/nowhere", "/healthz")}
    assert len(ids) == 3


def test_an_unknown_path_is_404_in_json() -> None:
    """In the envelope, like every other answer."""
    for path in ("/nothing", "/v1/vn/callforward/x", "/v3/numbers", "/%00%0a"):
        answer = Api().request("GET", path)
        assert (answer.status_code, answer.json()) == (404, {"success": False, "code": 404, "message": "Not found"})


def logged(api: Api, *args: Any, **keywords: Any) -> list[Mapping[str, Any]]:
    """Return what is logged while a request is answered."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        api.request(*args, **keywords)
    return list(lines)


def test_each_request_is_logged_once_without_its_secrets() -> None:
    """Who, what, and what came of it; neither key nor query string nor body."""
    query = {"apiKey": KEY.reveal(), "number": NUMBER.value}
    (line,) = logged(Api(), "GET", PATH, params=query, headers={"x-request-id": "r1"})
    duration_ms = line["duration_ms"]
    assert line == {
        "log_level": "info", "event": "request", "method": "GET", "path": PATH, "call": "callforward.get",
        "outcome": "ok", "code": 200, "status": 200, "duration_ms": duration_ms, "account": 1, "key": KEY.id,
        "client": "192.0.2.7", "request_id": "r1",
    }  # fmt: skip


def test_no_key_reaches_the_log_whatever_goes_wrong() -> None:
    """Not by a body that cannot be read, not by a path, not by a failure."""
    store = MemoryStore()
    api = Api(store)
    lines = logged(api, "POST", content=b'{"apiKey": "' + KEY.reveal().encode())
    lines += logged(api, "POST", f"{PATH}/{KEY.reveal()}")
    store.fail_with = StoreUnavailable("away")
    lines += logged(api, "POST", json={"apiKey": KEY.reveal()})
    assert len(lines) == 4
    assert KEY.secret not in repr(lines)


def test_a_failure_is_logged_with_its_request_id() -> None:
    """The client has the id, the log has the reason."""
    store = MemoryStore()
    api = Api(store)
    store.fail_with = RuntimeError("why")
    failure, access = logged(api, "POST", json={"apiKey": KEY.reveal()}, headers={"x-request-id": "r2"})
    assert (failure["event"], failure["log_level"], failure["request_id"]) == ("request failed", "error", "r2")
    assert (access["outcome"], access["status"], access["request_id"]) == ("internal_error", 500, "r2")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "junk", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
    ],
)
def test_forwarded_addresses_are_believed_of_trusted_proxies_only(
    peer: str, forwarded: str | None, client: str
) -> None:
    """From the right, up to the first address that is not a proxy of ours."""
    api = Api(trusted_proxies=(ip_network("10.0.0.0/8"),))
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    (line,) = logged(api, "GET", PATH, client=peer, headers=headers)
    assert line["client"] == client


def metrics(api: Api) -> dict[str, float]:
    """Return the samples of /metrics by their name with labels."""
    answer = api.inner("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_metrics_count_requests_changes_and_calls() -> None:
    """Replays of an Idempotency-Key are requests, and no changes."""
    api = Api()
    api.write(lambda writer: writer.count_calls({("forward", 200): 5, ("reject", 404): 2}))
    for _ in range(2):
        api.post(headers={"idempotency-key": "k"})
    api.post({"type": 9})
    api.request("GET", "/nowhere")
    found = metrics(api)
    assert found['renvoi_requests_total{call="callforward.set",code="3",outcome="forward_enabled"}'] == 2
    assert found['renvoi_requests_total{call="callforward.set",code="7",outcome="type_invalid"}'] == 1
    assert found['renvoi_requests_total{call="other",code="404",outcome="not_found"}'] == 1
    assert found['renvoi_request_duration_seconds_count{call="callforward.set"}'] == 3
    assert found['renvoi_changes_total{type="forward"}'] == 1
    assert found['renvoi_changes_total{type="voicemail"}'] == 0
    assert found['renvoi_calls_total{decision="forward",status="200"}'] == 5
    assert found['renvoi_calls_total{decision="reject",status="404"}'] == 2
    assert found["renvoi_store_up"] == 1


MESSAGE_METRICS = {
    "renvoi_messages_total", "renvoi_recorded_seconds_total", "renvoi_messages_deleted_total",
    'renvoi_mails_total{state="sent"}', 'renvoi_mails_total{state="kept"}', 'renvoi_mails_total{state="failed"}',
    'renvoi_missed_call_mails_total{state="sent"}', 'renvoi_missed_call_mails_total{state="kept"}',
    'renvoi_missed_call_mails_total{state="failed"}',
    "renvoi_mail_attempts_failed_total", "renvoi_mail_queue_length", "renvoi_mail_queue_oldest_seconds",
    "renvoi_rules_renewed_total", "renvoi_rules_short_of_holidays",
}  # fmt: skip


def test_metrics_of_messages_are_there_before_the_first_one() -> None:
    """So that a rate over them begins at 0."""
    found = metrics(Api())
    assert {name: found[name] for name in MESSAGE_METRICS} == dict.fromkeys(MESSAGE_METRICS, 0)


def test_metrics_count_messages_and_their_mails() -> None:
    """And tell how long the oldest mail has been waiting."""
    api = Api()

    def leave(writer: Writer) -> None:
        for name, at_ms in (("m1", START_MS), ("m2", START_MS + 4000), ("m3", START_MS - 9000)):
            message = Message(name, NUMBER, 1, 1, "", f"call-{name}", at_ms, 1)
            writer.add_message(message, Mail(name, EmailAddress("a@example.net"), at_ms, at_ms + 99_000))
        writer.put_mail(Mail("m3", EmailAddress("a@example.net"), 1, 1, MailState.SENT))
        counts = {
            "missed_call_mails_sent": 9,
            "messages": 5,
            "recorded_ms": 61_500,
            "messages_deleted": 2,
            "mails_sent": 3,
            "mails_kept": 4,
        }
        for name, count in (counts | {"mails_failed": 6, "mail_attempts_failed": 7}).items():
            writer.count(name, count)

    schedule = Schedule("Europe/Paris", holidays="FR")
    api.write(leave)
    api.write(lambda writer: writer.put_rule(NUMBER, Rule(revision=1, schedule=schedule), 1))
    api.write(lambda writer: writer.count("holidays_renewed", 8))
    api.clock.now = START_MS + 12_500
    found = metrics(api)
    assert {name: found[name] for name in MESSAGE_METRICS} == {
        "renvoi_messages_total": 5, "renvoi_recorded_seconds_total": 61.5, "renvoi_messages_deleted_total": 2,
        'renvoi_mails_total{state="sent"}': 3, 'renvoi_mails_total{state="kept"}': 4,
        'renvoi_mails_total{state="failed"}': 6, "renvoi_mail_attempts_failed_total": 7,
        "renvoi_mail_queue_length": 2, "renvoi_mail_queue_oldest_seconds": 12.5,
        "renvoi_rules_renewed_total": 8, "renvoi_rules_short_of_holidays": 1,
        'renvoi_missed_call_mails_total{state="sent"}': 9, 'renvoi_missed_call_mails_total{state="kept"}': 0,
        'renvoi_missed_call_mails_total{state="failed"}': 0,
    }  # fmt: skip
    api.clock.now = START_MS - 1000
    assert metrics(api)["renvoi_mail_queue_oldest_seconds"] == 0


def test_metrics_answer_when_the_store_is_away() -> None:
    """That is when they are needed."""
    store = MemoryStore()
    api = Api(store)
    store.fail_with = StoreUnavailable("away")
    found = metrics(api)
    assert found["renvoi_store_up"] == 0
    assert not any(name.startswith("renvoi_calls_total") for name in found)
    assert not MESSAGE_METRICS & set(found)


async def parts() -> Mapping[str, PartState]:
    """Return a node whose edge has come back."""
    return {"edge": PartState("ok", restarts=3), "voicemail": PartState("absent", "not in this version")}


def test_metrics_show_parts_and_what_the_edge_measured() -> None:
    """As told at each scrape."""

    async def measured() -> Sequence[Measurement]:
        return [
            Measurement("renvoi_edge_requests_total", "Requests.", 7, "counter", {"method": "INVITE"}),
            Measurement("renvoi_edge_requests_total", "Requests.", 2, "counter", {"method": "BYE"}),
            Measurement("renvoi_edge_shared_memory_bytes", "Memory in use.", 1024),
        ]

    found = metrics(Api(parts=parts, measurements=measured))
    assert found['renvoi_part_restarts_total{part="edge"}'] == 3
    assert (found['renvoi_part_up{part="edge"}'], found['renvoi_part_up{part="voicemail"}']) == (1, 0)
    assert found['renvoi_edge_requests_total{method="INVITE"}'] == 7
    assert found['renvoi_edge_requests_total{method="BYE"}'] == 2
    assert found["renvoi_edge_shared_memory_bytes"] == 1024


def test_a_node_is_ready_when_no_part_has_failed() -> None:
    """A part that is left out on purpose counts as ready."""
    answer = Api(parts=parts).inner("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "parts": {
            "store": {"state": "ok", "detail": ""},
            "edge": {"state": "ok", "detail": ""},
            "voicemail": {"state": "absent", "detail": "not in this version"},
        },
    }


def test_strangers_learn_the_status_alone() -> None:
    """Names, versions and failures of parts, and what is measured, are for the inner listener."""
    api = Api(parts=parts)
    answer = api.request("GET", "/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert api.request("GET", "/metrics").status_code == 404
    store = MemoryStore()
    away = Api(store)
    store.fail_with = StoreUnavailable("away")
    answer = away.request("GET", "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready"})


def test_the_inner_listener_has_no_api() -> None:
    """It has the probes only."""
    api = Api()
    assert api.inner("/healthz").json() == {"status": "ok"}
    assert api.inner(PATH).status_code == 404


@pytest.mark.parametrize("state", ["failed", "starting"])
def test_a_node_is_not_ready_while_a_part_is_away(state: Condition) -> None:
    """503, so that no balancer sends requests."""

    async def broken() -> Mapping[str, PartState]:
        return {"edge": PartState(state, "restarting")}

    answer = Api(parts=broken).inner("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["parts"]["edge"] == {"state": state, "detail": "restarting"}


def test_a_degraded_part_is_shown_and_the_node_gets_traffic() -> None:
    async def worse() -> Mapping[str, PartState]:
        return {"edge": PartState("ok"), "mailer": PartState("degraded", "the mail server refuses us")}

    api = Api(parts=worse)
    assert api.request("GET", "/readyz").json() == {"status": "ready"}
    answer = api.inner("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["parts"]["mailer"] == {"state": "degraded", "detail": "the mail server refuses us"}
    found = metrics(api)
    assert [found[f'renvoi_part_up{{part="{name}"}}'] for name in ("edge", "mailer")] == [1, 1]
    assert [found[f'renvoi_part_degraded{{part="{name}"}}'] for name in ("edge", "mailer")] == [0, 1]


async def alone() -> Mapping[str, PartState]:
    return {"api": PartState("ok", restarts=2), "edge": PartState("ok")}


class ReadOnlyStore(MemoryStore):
    """A store whose server says that it takes no changes."""

    async def read(self, work: Callable[[Any], Any]) -> Any:
        class Server:
            def key(self, _key_id: str) -> None:
                return None

            def why_read_only(self) -> str:
                return FULL

        return work(Server())


FULL = "it is full"


@pytest.mark.parametrize("by", ["a change that was refused", "what the server says"])
def test_a_node_that_can_change_nothing_says_so(by: str) -> None:
    """Calls are answered all the same, and no other node on the store does better: it goes on getting traffic."""
    by_server = by == "what the server says"
    api = Api(ReadOnlyStore(), parts=alone) if by_server else Api(parts=alone, refusal=lambda: FULL)
    assert api.request("GET", "/readyz").json() == {"status": "ready"}
    answer = api.inner("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["parts"] == {
        "store": {"state": "degraded", "detail": f"takes no changes: {FULL}"},
        "api": {"state": "degraded", "detail": f"changes are answered with 104: {FULL}"},
        "edge": {"state": "ok", "detail": ""},
    }


def test_metrics_show_a_store_that_takes_no_changes() -> None:
    found = metrics(Api(parts=alone, refusal=lambda: FULL))
    assert [found[f'renvoi_part_degraded{{part="{name}"}}'] for name in ("store", "api", "edge")] == [1, 1, 0]
    assert [found[f'renvoi_part_up{{part="{name}"}}'] for name in ("store", "api", "edge")] == [1, 1, 1]
    assert found['renvoi_part_restarts_total{part="api"}'] == 2


def test_a_node_without_its_store_or_supervisor_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that hangs counts as failed, and the process still lives."""
    monkeypatch.setattr(probes, "PROBE_TIMEOUT_S", 0.01)

    async def hanging() -> Mapping[str, PartState]:
        await asyncio.Event().wait()
        return {}

    store = MemoryStore()
    api = Api(store, parts=hanging)
    store.fail_with = StoreUnavailable("away")
    answer = api.inner("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {
        "store": {"state": "failed", "detail": "away"},
        "supervisor": {"state": "failed", "detail": "does not answer"},
    }
    assert api.request("GET", "/healthz").json() == {"status": "ok"}


@pytest.fixture
def log_restored() -> Iterator[None]:
    """Undo what `logs.configure` does to this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.usefixtures("log_restored")
def test_the_traceback_of_a_failure_shows_no_key(form: str) -> None:
    """Tracebacks with local variables would: every frame of a request holds its fields."""
    stream = io.StringIO()
    logs.configure(form, "info", stream)
    store = MemoryStore()
    api = Api(store)
    store.fail_with = RuntimeError("why")
    api.post()
    assert "RuntimeError: why" in stream.getvalue()
    assert KEY.secret not in stream.getvalue()
