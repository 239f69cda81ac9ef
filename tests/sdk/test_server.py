"""The client and the running server, over a real socket: what the README says, in both clients."""

import asyncio
import itertools
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from renvoi_client import AsyncClient, Client, Forbidden, Invalid, KeyRefused, NotFound, VersionChanged
from tests.support.http_api import KEY
from tests.support.http_server import Node, running

README = Path(__file__).parents[2] / "sdk" / "python" / "README.md"
NUMBER = "+33199001234"


def with_server(directory: Path, work: object) -> None:
    """Run `work`, with the server's URL, in a thread beside the server."""

    async def main() -> None:
        async with running(directory) as node:
            await asyncio.to_thread(work, url_of(node))  # type: ignore[arg-type]  # a function of one text

    asyncio.run(main())


def url_of(node: Node) -> str:
    return f"http://127.0.0.1:{node.port}"


def test_the_readme_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)

    def work(url: str) -> None:
        told = StringIO()
        with redirect_stdout(told):
            exec(code.replace("http://127.0.0.1:8080", url).replace("rv_…", KEY.reveal()), {})
        # The server of this process logs there as well.
        assert f"{NUMBER} off\n" in told.getvalue()

    with_server(tmp_path, work)


def test_a_rule_is_read_and_changed(tmp_path: Path) -> None:
    def work(url: str) -> None:
        with Client(url, KEY.reveal()) as client:
            assert client.callforward(NUMBER, 1, "+33644630000").success
            assert client.numbers.get(NUMBER).action == "forward"
            changed = client.numbers.update(NUMBER, label="Reception")
            assert (changed.label, changed.revision) == ("Reception", 1)
            assert [each.label for each in client.numbers.list(q="Rec")] == ["Reception"]
            assert client.account.update(language="fr").language == "fr"
            again = client.callforward(NUMBER, 1, "+33644630000")
            assert (again.success, again.code) == (False, 16)

    with_server(tmp_path, work)


def test_what_was_read_is_changed_at_the_version_that_was_read(tmp_path: Path) -> None:
    """And an item of a list has none."""

    def work(url: str) -> None:
        with Client(url, KEY.reveal()) as client:
            read = client.numbers.get(NUMBER)
            changed = client.numbers.update(NUMBER, label="first", if_match=read.etag)
            with pytest.raises(VersionChanged) as stale:
                client.numbers.update(NUMBER, label="second", if_match=read.etag)
            assert stale.value.code == "precondition_failed"
            assert client.numbers.update(NUMBER, label="third", if_match=changed.etag).label == "third"
            assert {each.etag for each in client.numbers.list()} == {""}

    with_server(tmp_path, work)


def test_the_list_of_events_has_an_end(tmp_path: Path) -> None:
    """Though its cursor is never null: it can be read on when more has happened."""

    def work(url: str) -> None:
        with Client(url, KEY.reveal()) as client:
            client.callforward(NUMBER, 1, "+33644630000")
            pages = [*itertools.islice(client.events.list(type=["forwarding.changed"]).pages(), 9)]
            assert len(pages) < 9
            assert [each.type for page in pages for each in page.data] == ["forwarding.changed"]

    with_server(tmp_path, work)


def test_refusals_are_of_their_class(tmp_path: Path) -> None:
    def work(url: str) -> None:
        with Client(url, KEY.reveal(), language="fr") as client:
            with pytest.raises(NotFound) as unknown:
                client.numbers.get("+33199999999")
            assert unknown.value.code == "number_unknown"
            assert unknown.value.request_id
            with pytest.raises(Invalid) as invalid:
                client.numbers.update(NUMBER, label="x" * 1000, state="asleep")
            assert {each.pointer for each in invalid.value.errors} == {"/label", "/state"}
            with pytest.raises(Forbidden) as forbidden:
                client.admin.node.get()
            assert forbidden.value.accepted_scopes == ("operator",)
        with Client(url, "rv_0a0a0a0a0a0a_wrong") as client, pytest.raises(KeyRefused):
            client.account.get()

    with_server(tmp_path, work)


def test_one_key_is_used_once_however_often_it_is_sent(tmp_path: Path) -> None:
    async def asynchronous(url: str) -> None:
        async with AsyncClient(url, KEY.reveal()) as client:
            made = [await client.keys.create(scopes=["calls:read"], label="ci", idempotency_key="k1") for _ in range(2)]
            assert made[0].id == made[1].id
            assert len([key async for key in client.keys.list()]) == 2

    with_server(tmp_path, lambda url: asyncio.run(asynchronous(url)))
