"""Backups, restores and the move to PostgreSQL, as pasted from docs/operating/, with a node that serves meanwhile."""

import os
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from tests.support.commands import RENVOI
from tests.support.node import NUMBER, OTHER_TARGET, TARGET, Node
from tests.support.ports import free_port
from tests.support.postgres import PASSWORD, SUPERUSER, PostgresServer, programs, shared_cluster
from tests.support.waiting import wait_for

OPERATING = Path(__file__).parents[2] / "docs" / "operating"
PATIENCE_S = 90.0


def blocks(title: str) -> list[list[str]]:
    """Return the lines to paste of a section, block by block."""
    pages = "".join(page.read_text() for page in sorted(OPERATING.iterdir()))
    section = pages.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [block.splitlines() for block in re.findall(r"^```sh\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)]


def here(line: str, words: Mapping[str, str]) -> str:
    """Put what is here in place of what a line names."""
    for written, meant in words.items():
        line = line.replace(written, meant)
    return line


def environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{programs()}:{os.environ['PATH']}", "RENVOI_INNER_PORT": "0"}


def paste(line: str) -> None:
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 0, f"{line}: {done.stderr}"


@contextmanager
def pasted_node(line: str) -> Iterator[httpx.Client]:
    """Run the node that a line starts; yield a client of its API."""
    port = free_port()
    command = ["bash", "-c", f"{line} --no-calls --http-port {port}"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    ) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as api:
                wait_for(lambda: is_ready(api), "the restored node", PATIENCE_S)
                yield api
        finally:
            process.terminate()


def is_ready(api: httpx.Client) -> bool:
    try:
        return api.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def revision_after_change(api: httpx.Client, key: str) -> int:
    """Change the rule, one way or the other; return its revision."""
    for target in (TARGET, OTHER_TARGET):
        body = {"apiKey": key, "number": NUMBER, "type": 1, "param": target}
        answer = api.post("/v1/vn/callforward", json=body)
        if answer.json()["code"] == 3:
            break
    return int(answer.headers["X-Rule-Revision"])


class Changes:
    """Changes a rule all the time, from a thread of its own."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._change)
        self.revision = 0
        """The last one that was answered."""

    def __enter__(self) -> "Changes":
        self._thread.start()
        wait_for(lambda: self.revision > 3, "changes")
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _change(self) -> None:
        for target in cycle((TARGET, OTHER_TARGET)):
            if self._enough.is_set():
                return
            self.revision = self._node.forward(target)


@pytest.fixture
def server() -> PostgresServer:
    return shared_cluster()


@pytest.fixture
def database(server: PostgresServer) -> Iterator[str]:
    name = server.create_database()
    yield name
    server.drop_database(name)


def test_sqlite_is_backed_up_restored_and_moved(tmp_path: Path, server: PostgresServer, database: str) -> None:
    node = Node(tmp_path)
    (tmp_path / "backup").mkdir()
    words = {
        "/backup/": f"{tmp_path}/backup/",
        "/var/lib/renvoi-restored": str(tmp_path / "restored"),
        "renvoi serve": f"{RENVOI} serve",
        "renvoi backup": f"{RENVOI} backup --data {node.data}",
        "renvoi migrate": f"{RENVOI} migrate --data {node.data}",
        "PGPASSWORD=PASSWORD": f"PGPASSWORD={shlex.quote(PASSWORD)}",
        "renvoi@db.example/renvoi": f"renvoi@127.0.0.1:{server.port}/{database}",
    }
    (backup,), (*restore, serve) = blocks("Backup and restore")[:2]
    ((move,),) = blocks("From SQLite to PostgreSQL")
    try:
        node.start("--no-calls")
        with Changes(node) as changes:
            before = changes.revision
            paste(here(backup, words))
        for line in restore:
            paste(here(line, words))
        with pasted_node(here(serve, words)) as api:
            assert before < revision_after_change(api, node.key) <= changes.revision + 1
        paste(here(move, words))
        assert node.set_rule(0).json()["code"] == 104
        with server.admin(database) as connection:
            row = connection.execute("SELECT max(revision), count(*) FROM audit").fetchone()
        assert row == (changes.revision, changes.revision)
    finally:
        node.stop()


def test_postgresql_is_dumped_and_restored(tmp_path: Path, server: PostgresServer, database: str) -> None:
    node = Node(tmp_path, database_url=server.url(database))
    restored = f"{database}_restored"
    (tmp_path / "backup").mkdir()
    words = {
        "/backup/": f"{tmp_path}/backup/",
        "sudo -u postgres createdb": f"PGPASSWORD={shlex.quote(PASSWORD)} createdb -h 127.0.0.1 -p {server.port}"
        f" -U {SUPERUSER}",
        "postgresql://renvoi@db.example/renvoi_restored": shlex.quote(server.url(restored)),
        "postgresql://renvoi@db.example/renvoi": shlex.quote(server.url(database)),
        "renvoi_restored": restored,
        "renvoi serve": f"{RENVOI} serve --data {tmp_path}/restored",
    }
    (dump,), (*restore, serve) = blocks("Backup and restore")[2:]
    try:
        node.start("--no-calls")
        with Changes(node) as changes:
            before = changes.revision
            paste(here(dump, words))
        for line in restore:
            paste(here(line, words))
        with pasted_node(here(serve, words)) as api:
            assert before < revision_after_change(api, node.key) <= changes.revision + 1
    finally:
        node.stop()
        with server.admin() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {restored} WITH (FORCE)".encode())
