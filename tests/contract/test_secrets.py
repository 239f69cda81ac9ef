"""Sealed secrets, in every adapter of the `Store` port; and the passwords of trunks, which are some."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import StoreRefused
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.trunks import add_trunk, change_trunk, password_of, remove_trunk
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.stores import Scenario

TRUNK = OutboundTrunk("a", "sip:192.0.2.1", user="bob")
PASSWORD = password_of("a", "outbound")


async def kept(store: Store) -> Mapping[str, bytes]:
    return await store.read(lambda reader: reader.secrets())


def test_secrets_come_back_as_they_were(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        for name, sealed in (("b", bytes(range(256))), ("a", b""), ("b", b"other")):
            await store.write(methodcaller("put_secret", name, sealed))
        assert list((await kept(store)).items()) == [("a", b""), ("b", b"other")]
        assert await store.write(methodcaller("remove_secret", "b")) is True
        assert await store.write(methodcaller("remove_secret", "b")) is False
        with pytest.raises(StoreRefused):
            await store.write(methodcaller("put_secret", "\0", b""))
        assert await kept(store) == {"a": b""}

    run(scenario)


def test_the_password_of_a_trunk_comes_and_goes_with_its_user(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await store.write(methodcaller("put_secret", "trunk/ab/outbound", b"other"))
        with pytest.raises(OperatorError, match="'bob' of trunk 'a' has no password"):
            await add_trunk(store, TRUNK)
        with pytest.raises(OperatorError, match="has no user"):
            await add_trunk(store, replace(TRUNK, user=""), secrets={PASSWORD: b"1"})
        assert (await store.read(lambda reader: reader.trunks())).outbound == ()
        await add_trunk(store, TRUNK, secrets={PASSWORD: b"1"})
        await change_trunk(store, "a", lambda _: [replace(TRUNK, user="eve")])
        assert (await kept(store))[PASSWORD] == b"1"
        await change_trunk(store, "a", list, {PASSWORD: b"2"})
        assert (await kept(store))[PASSWORD] == b"2"
        assert (await store.read(lambda reader: reader.trunks())).revision == 3
        await change_trunk(store, "a", lambda _: [replace(TRUNK, user="")])
        assert list(await kept(store)) == ["trunk/ab/outbound"]
        with pytest.raises(OperatorError, match="has no password"):
            await change_trunk(store, "a", lambda _: [TRUNK])
        await change_trunk(store, "a", lambda _: [TRUNK], {PASSWORD: b"3"})
        await remove_trunk(store, "a")
        assert list(await kept(store)) == ["trunk/ab/outbound"]

    run(scenario)


def test_a_new_trunk_has_no_password_of_an_older_one(run: Callable[[Scenario], None]) -> None:
    """A program that knows nothing of secrets may have removed the trunk, and left them."""

    async def scenario(store: Store) -> None:
        await add_trunk(store, TRUNK, secrets={PASSWORD: b"1"})
        await store.write(methodcaller("remove_trunk", "a"))
        with pytest.raises(OperatorError, match="has no password"):
            await add_trunk(store, TRUNK)
        await add_trunk(store, replace(TRUNK, user=""))
        assert await kept(store) == {}

    run(scenario)
