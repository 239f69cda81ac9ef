"""The state of outbound trunks as Kamailio has it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["up", "down", "retry"]
"""`down` gets no calls but those that no other takes; `retry` was down, and gets calls again though it has not answered
since."""


@dataclass(frozen=True, slots=True)
class DestinationState:
    """One address of a trunk.

    Times are seconds since 1970: `since_s` is None when the state is that of the start,
    `answer` and `answered_at_s` are the status that it answered last and when, None when it never was asked.
    """

    trunk: str
    uri: str
    state: State
    since_s: int | None = None
    answer: int | None = None
    answered_at_s: int | None = None

    @property
    def up(self) -> bool:
        """Whether it gets calls."""
        return self.state != "down"


def flags(listed: Any) -> dict[tuple[int, str], str]:
    """Return what `dispatcher.list` says of each destination (`AX`, `IP`, …), by its set and URI."""
    return {(group, row["URI"]): row["FLAGS"] for group, row in _rows(listed)}


def table(dumped: Any) -> dict[str, str]:
    """Return what `htable.dump` says, as one table."""
    return {item["name"]: str(item["value"]) for entry in dumped or () for item in entry["slot"]}


def destination_states(
    listed: Any,
    groups: Collection[int],
    down: Mapping[str, str],
    paused: Collection[str],
    up: Mapping[str, str],
    heard: Mapping[str, str],
    secured: Collection[str] = (),
) -> list[DestinationState]:
    """Return the state of each destination of these sets: as listed, and what our own tables in Kamailio say of it.

    By TLS those are down to which there is no verified connection.
    """
    found = []
    for number, row in _rows(listed):
        if number not in groups:
            continue
        uri = row["URI"]
        attributes = dict(part.partition("=")[::2] for part in row["ATTRS"]["BODY"].split(";"))
        state: State = "up" if uri not in down else "down" if uri in paused else "retry"
        if uri.endswith(";transport=tls") and uri not in secured:
            state = "down"
        status, _, at_s = heard.get(uri, "").partition(" ")
        since_s = _number(up.get(uri) if state == "up" else down.get(uri))
        found.append(DestinationState(attributes["trunk"], uri, state, since_s, _number(status), _number(at_s)))
    return found


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _rows(listed: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for record in listed["RECORDS"]:
        for target in record["SET"]["TARGETS"]:
            yield record["SET"]["ID"], target["DEST"]
