"""What a node is called among those that share a store."""

import socket
from pathlib import Path

import pytest

from renvoi.node.supervisor.running import node_name


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
def test_a_name_that_is_damaged_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "node").write_bytes(content)
    name = node_name(tmp_path)
    assert node_name(tmp_path) == name
