"""What the store refuses is shown where an operator looks, and the node goes on with everything else."""

from renvoi.call_records.events import encode
from renvoi.domain.calls.call_record import CallKey, Decided
from tests.support.node import TARGET, Node
from tests.support.waiting import wait_for

NO_EVENT = b'{"a": 1}\n'
PARTS_UP = ("api", "edge", "collector", "mailer", "voicemail")


def refused(call_id: str, status: int = 404) -> bytes:
    """Return the line of a call that was refused with that status."""
    key = CallKey(call_id, "tag", 1)
    return encode(Decided(key, 1_800_000_000_000, "+331", "+332", None, None, "reject", "unknown", status=status))


def spool(node: Node, name: str, *lines: bytes) -> None:
    """Put lines into the spool as a writer of its own."""
    directory = node.data / "spool"
    written = directory.parent / name
    written.write_bytes(b"".join(lines))
    written.chmod(0o640)
    written.rename(directory / f"{name}.jsonl")


def held(node: Node) -> set[str]:
    """Return what the metrics say of dead letters."""
    lines = node.inner.get("/metrics").text.splitlines()
    return {line for line in lines if line.startswith(("renvoi_dead_letters", 'renvoi_part_degraded{part="dead-'))}


def test_a_line_that_the_store_refuses_is_shown_until_somebody_removed_it(node: Node) -> None:
    # No column holds that status; a line that is not an event comes to the same end.
    spool(node, "e2e-1-0", refused("before"), refused("bad", status=70_000), NO_EVENT, refused("behind"))

    assert node.record("behind")["status"] == 404
    directory = node.data / "dead-letters"
    said = node.wait_part("dead-letters", "degraded", f"2 events and 0 recordings in {directory}")
    assert said["status"] == "degraded"
    assert node.inner.get("/readyz").status_code == 200
    assert {said["parts"][name]["state"] for name in PARTS_UP} == {"ok"}
    # Load balancers send traffic on, and read nothing of it.
    public = node.api.get("/readyz")
    assert (public.status_code, public.json()) == (200, {"status": "ready"})
    counted = {
        "renvoi_dead_letters_total 2.0",
        'renvoi_dead_letters_held{kind="event"} 2.0',
        'renvoi_dead_letters_held{kind="recording"} 0.0',
        'renvoi_part_degraded{part="dead-letters"} 1.0',
    }
    # They are counted with the next commit, behind that of the last record.
    wait_for(lambda: held(node) == counted, lambda: f"the count of both ({held(node)})", 30)
    checked = node.run("check")
    assert f"2 events and 0 recordings in {directory}" in checked.stdout
    node.forward(TARGET)
    (directory / "events.jsonl").unlink()
    node.wait_ready()
    assert held(node) == {
        "renvoi_dead_letters_total 2.0",
        'renvoi_dead_letters_held{kind="event"} 0.0',
        'renvoi_dead_letters_held{kind="recording"} 0.0',
    }
