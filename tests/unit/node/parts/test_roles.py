"""What a node does, by its settings."""

from pathlib import Path

import pytest

from renvoi.application.errors import OperatorError
from renvoi.configuration.settings import Settings, read_settings
from renvoi.node.parts import roles
from renvoi.node.parts.roles import absences, check_duties

NODES = "10.0.0.5:5080"


class FakeEdge:
    """An edge on a machine that lacks `what`, None for nothing."""

    def __init__(self, what: str | None) -> None:
        self._what = what

    def missing(self) -> str | None:
        return self._what


def settings(**values: object) -> Settings:
    return read_settings({"data_dir": Path("/srv"), "voicemail_workers": 2} | values)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "edge_of", lambda _: FakeEdge(None))


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("only", "absent"),
    [
        (None, set()),
        ("api", {"edge", "voicemail", "collector", "mailer"}),
        ("edge", {"api", "voicemail", "mailer"}),
        ("voicemail", {"api", "edge"}),
        ("api,edge", {"voicemail", "mailer"}),
        ("edge,voicemail", {"api"}),
        ("api,edge,voicemail", set()),
    ],
)
def test_what_a_node_does_not_do_is_absent(only: str | None, absent: set[str]) -> None:
    found = absences(settings(only=only))
    assert set(found) == absent
    assert set(found.values()) <= {f"not among what this node does: {only}"}


def test_a_node_without_calls_collects_and_sends_what_is_left() -> None:
    assert absences(settings(), calls=False) == dict.fromkeys(("edge", "voicemail"), "started with --no-calls")


def test_without_kamailio_there_are_no_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "edge_of", lambda _: FakeEdge("Kamailio is not installed"))
    assert absences(settings()) == dict.fromkeys(("edge", "voicemail"), "Kamailio is not installed")
    assert set(absences(settings(only="voicemail"))) == {"api", "edge"}
    with pytest.raises(OperatorError, match="Kamailio is not installed"):
        absences(settings(only="api,edge"))


@pytest.mark.usefixtures("installed")
def test_no_workers_no_voicemail() -> None:
    assert absences(settings(voicemail_workers=0)) == {"voicemail": "no workers"}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"only": "api"},
        {"only": "edge", "voicemail_nodes": NODES},
        {"voicemail_nodes": NODES, "voicemail_port": 5080},
        {"only": "voicemail", "voicemail_port": 5080},
        {
            "only": "voicemail",
            "voicemail_host": "0.0.0.0",
            "voicemail_port": 5080,
            "voicemail_peers": "127.0.0.1/32, 10.0.0.0/24",
        },
    ],
)
def test_settings_that_go_together(values: dict[str, object]) -> None:
    check_duties(settings(**values))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"only": "api", "voicemail_nodes": NODES}, "RENVOI_VOICEMAIL_NODES is for nodes with an edge"),
        ({"only": "voicemail", "voicemail_port": 5080, "voicemail_workers": 0}, "RENVOI_VOICEMAIL_WORKERS is 0"),
        ({"voicemail_host": "0.0.0.0", "voicemail_port": 5080}, "RENVOI_VOICEMAIL_PEERS names no other machine"),
        ({"voicemail_host": "10.0.0.5", "voicemail_port": 5080}, "RENVOI_VOICEMAIL_PEERS names no other machine"),
        ({"voicemail_peers": "127.0.0.1, 10.0.0.0/24"}, "10.0.0.0/24, which cannot reach RENVOI_VOICEMAIL_HOST"),
        ({"voicemail_host": "10.0.0.5", "voicemail_peers": "10.0.0.0/24"}, "set RENVOI_VOICEMAIL_PORT"),
        ({"only": "voicemail"}, "set RENVOI_VOICEMAIL_PORT"),
    ],
)
def test_settings_that_contradict_each_other(values: dict[str, object], reason: str) -> None:
    with pytest.raises(OperatorError, match=reason) as caught:
        check_duties(settings(**values))
    assert "\n" not in str(caught.value)


def test_two_words_on_what_the_node_does() -> None:
    with pytest.raises(OperatorError, match="--no-calls and --only"):
        check_duties(settings(only="api"), calls=False)
    # The workers are not started, so their settings do not matter.
    check_duties(settings(voicemail_host="10.0.0.5"), calls=False)
