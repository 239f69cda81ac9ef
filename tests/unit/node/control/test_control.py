"""The control socket."""

import asyncio
import socket
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from renvoi.application.errors import OperatorError
from renvoi.bootstrap import Renvoi
from renvoi.configuration.setting_types import SECRETS
from renvoi.configuration.settings import Settings, read_settings
from renvoi.http.deps import NodeAway
from renvoi.node.control import control
from renvoi.node.control.control import (
    Running,
    TrunkReport,
    find_node,
    node_name,
    other_store,
    public_settings,
    why_no_voicemail,
)
from renvoi.node.control.supervised import SupervisedNode

SECRET = "hunter2"
URL = f"postgresql://renvoi:{SECRET}@db.example/renvoi?sslpassword={SECRET}"


async def _status() -> Mapping[str, object]:
    return {"parts": {"http": "running"}}


async def _broken() -> Mapping[str, object]:
    raise RuntimeError("the edge is away")


async def _slow() -> Mapping[str, object]:
    await asyncio.Event().wait()
    return {}


HANDLERS = {"status": _status, "reload-trunks": _broken, "slow": _slow}


def test_a_question_is_answered_in_a_directory_of_any_depth(tmp_path: Path) -> None:
    """A socket's address has 108 bytes at most, a data directory may lie deeper."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)

    async def scenario() -> None:
        async with control.serve_control(deep, HANDLERS):
            assert (await control.ask(deep, "status", 5))["parts"] == {"http": "running"}
            assert stat.S_IMODE((deep / control.SOCKET_NAME).stat().st_mode) == 0o600
        assert not (deep / control.SOCKET_NAME).exists()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("what", "reason"), [("reload-trunks", "the edge is away"), ("nonsense", "give one of"), ("slow", "within 0.1 s")]
)
def test_what_cannot_be_done_is_told(tmp_path: Path, what: str, reason: str) -> None:
    async def scenario() -> None:
        async with control.serve_control(tmp_path, HANDLERS):
            with pytest.raises(control.ControlError, match=reason):
                await control.ask(tmp_path, what, 0.1 if what == "slow" else 5)

    asyncio.run(scenario())


def test_no_node_is_told_from_a_broken_one(tmp_path: Path) -> None:
    """Neither a missing directory nor a socket that a killed node left behind is an error of the node."""
    with pytest.raises(control.NoNode):
        asyncio.run(control.ask(tmp_path / "nowhere", "status", 5))

    async def leave_behind() -> None:
        server = await asyncio.start_unix_server(lambda _r, w: w.close(), tmp_path / control.SOCKET_NAME)
        server.close()
        await server.wait_closed()

    asyncio.run(leave_behind())
    with pytest.raises(control.NoNode):
        asyncio.run(control.ask(tmp_path, "status", 5))


def test_a_node_keeps_its_name(tmp_path: Path) -> None:
    name = node_name(tmp_path)
    assert name.startswith(socket.gethostname() + "-")
    assert node_name(tmp_path) == name
    assert [path.name for path in tmp_path.iterdir()] == ["node"]


def test_two_nodes_have_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the data of one was copied from the other's machine."""
    (tmp_path / "other").mkdir()
    name = node_name(tmp_path)
    assert node_name(tmp_path / "other") != name
    monkeypatch.setattr(socket, "gethostname", lambda: "copy")
    assert node_name(tmp_path).startswith("copy-")


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"0123456789abcdef0"])
def test_a_name_that_is_damaged_is_made_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "node").write_bytes(content)
    name = node_name(tmp_path)
    assert node_name(tmp_path) == name


def settings_of(path: Path, **values: Any) -> Settings:
    return read_settings({"data_dir": path, **values})


def ask(own: Settings, told: Mapping[str, object] | None, status: Mapping[str, object] | None = None) -> Running:
    """Ask a node that tells `told` of its settings; None: one of an older version, which knows no such question."""

    async def say_settings() -> Mapping[str, object]:
        return told or {}

    async def say_status() -> Mapping[str, object]:
        return status or {"absent": {}}

    async def main() -> Running:
        own.run_dir.mkdir(parents=True, exist_ok=True)
        handlers: dict[str, control.Handler] = {"status": say_status}
        if told is not None:
            handlers["settings"] = say_settings
        async with control.serve_control(own.run_dir, handlers):
            return await find_node(own)

    return asyncio.run(main())


def test_no_secret_goes_over_the_socket(tmp_path: Path) -> None:
    smtp = f"smtps://user:{SECRET}@mail.example:465"
    node = settings_of(tmp_path, database_url=URL, edge_database_url=URL, smtp_url=smtp, hep_key=SECRET)
    told = public_settings(node)
    assert SECRET not in str(told)
    assert not SECRETS & told["values"].keys()  # type: ignore[attr-defined]  # it is a dictionary in this one
    assert told["secrets"] == {
        "database_url": "postgresql://renvoi@db.example/renvoi",
        "edge_database_url": "postgresql://renvoi@db.example/renvoi",
        "smtp_url": "smtps://user@mail.example:465",
        "dkim_key_file": "",
        "hep_key": "set",
        "hep_key_file": "",
        "identity_key_file": "",
        "secrets_key_file": "",
        "sip_tls_key_file": "",
    }


def test_the_settings_of_the_node_are_taken_but_for_secrets(tmp_path: Path) -> None:
    own = settings_of(tmp_path, database_url=URL, log_level="debug")
    node = settings_of(tmp_path, database_url=URL.replace(SECRET, "other"), http_port=8090, only="api", region="DE")
    found = ask(own, public_settings(node))
    assert (found.settings.http_port, found.settings.only, found.settings.database_url) == (8090, "api", URL)
    assert found.adopted == (
        "RENVOI_HTTP_PORT is 8090 there, 8080 here",
        "RENVOI_ONLY is api there, not set here",
        "RENVOI_REGION is DE there, FR here",
    )
    assert (found.foreign, found.unknown, other_store(found)) == ((), "", "")


@pytest.mark.parametrize(
    ("own", "node", "expected"),
    [
        ({}, {"database_url": URL}, "RENVOI_DATABASE_URL is postgresql://renvoi@db.example/renvoi there, sqlite:///"),
        ({"smtp_url": "smtp://a:b@x"}, {}, "RENVOI_SMTP_URL is not set there, smtp://a@x here"),
        ({"dkim_key_file": "/a"}, {"dkim_key_file": "/b"}, "RENVOI_DKIM_KEY_FILE is /b there, /a here"),
    ],
)
def test_secrets_that_lead_elsewhere_are_said(
    tmp_path: Path, own: dict[str, object], node: dict[str, object], expected: str
) -> None:
    found = ask(settings_of(tmp_path, **own), public_settings(settings_of(tmp_path, **node)))
    assert found.foreign[0].startswith(expected)
    assert bool(other_store(found)) is ("DATABASE" in expected)


def test_one_directory_of_two_names_is_one_store(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "renvoi.db").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    node = public_settings(settings_of(tmp_path / "real"))
    assert other_store(ask(settings_of(tmp_path / "link"), node)) == ""
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "renvoi.db").touch()
    assert other_store(ask(settings_of(tmp_path / "copy"), node)) != ""


def test_a_node_of_another_version_is_not_understood_but_works(tmp_path: Path) -> None:
    own = settings_of(tmp_path)
    newer = public_settings(own) | {"values": {"http_port": 8090, "of_tomorrow": 1}}
    assert ask(own, newer).settings.http_port == 8090
    for told in (None, {}, {"values": {"http_port": "many"}, "secrets": {}}):
        found = ask(own, told)
        assert found.unknown.startswith("it does not report its settings: ")
        assert found.settings == own


def test_voicemail_of_another_node_counts(tmp_path: Path) -> None:
    status = {"absent": {"voicemail": "no workers"}}
    own = settings_of(tmp_path)
    assert why_no_voicemail(ask(own, public_settings(own), status)) == "no workers"
    node = public_settings(settings_of(tmp_path, voicemail_nodes="10.0.0.5:5080"))
    assert why_no_voicemail(ask(own, node, status)) == ""
    assert why_no_voicemail(ask(own, public_settings(own))) == ""


def test_trunks_of_another_store_are_not_told_as_the_nodes(tmp_path: Path) -> None:
    own, node = settings_of(tmp_path), settings_of(tmp_path, database_url=URL)

    async def status() -> Mapping[str, object]:
        trunk: dict[str, object] = {"name": "a", "state": "up", "addresses": [], "name_error": None, "found_at_s": None}
        return {"absent": {}, "trunks": [trunk]}

    async def main(told: Settings) -> Mapping[str, TrunkReport] | str:
        async def settings() -> Mapping[str, object]:
            return public_settings(told)

        own.run_dir.mkdir(exist_ok=True)
        async with control.serve_control(own.run_dir, {"status": status, "settings": settings}):
            return await Renvoi({}).trunk_reports(own)

    assert list(asyncio.run(main(own))) == ["a"]
    refused = asyncio.run(main(node))
    assert isinstance(refused, str)
    assert refused.startswith("the running node has another store: RENVOI_DATABASE_URL is postgresql://renvoi@")


def test_without_a_node_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(control.NoNode):
        asyncio.run(find_node(settings_of(tmp_path)))


@pytest.mark.parametrize(("unrelayed", "said"), [((), None), (("a (--nat)", "b (--relay)"), "a (--nat), b (--relay)")])
def test_a_command_says_which_trunks_lack_the_media_relay(
    tmp_path: Path, unrelayed: tuple[str, ...], said: str | None
) -> None:
    own = settings_of(tmp_path)

    async def main() -> str | None:
        async def reload() -> Mapping[str, object]:
            return {"unrelayed": unrelayed}

        own.run_dir.mkdir(exist_ok=True)
        async with control.serve_control(own.run_dir, {"reload-trunks": reload}):
            return await Renvoi({}).trunks_changed(own)

    found = asyncio.run(main())
    assert found == (said and f"RENVOI_RTPENGINE is not set, so no call is forwarded that has to do with {said}")


def test_what_pages_show_of_a_refusal_is_told_in_both_languages(tmp_path: Path) -> None:
    async def refused() -> Mapping[str, object]:
        raise OperatorError("wait for its end", "attendez sa fin")

    async def scenario() -> None:
        async with control.serve_control(tmp_path, {"refused": refused, "broken": _broken}):
            node = SupervisedNode(tmp_path)
            for what, texts in (
                ("refused", {"en": "wait for its end", "fr": "attendez sa fin"}),
                ("broken", {"en": "the edge is away", "fr": "the edge is away"}),
            ):
                with pytest.raises(NodeAway) as found:
                    await node._ask(what, 5)
                assert found.value.texts == texts
        with pytest.raises(NodeAway) as found:
            await node.facts()
        assert found.value.texts["fr"] == "aucun superviseur ne fonctionne"

    asyncio.run(scenario())
