"""Answers to requests with an `Idempotency-Key`: what every adapter of the `Store` port does with them."""

from asyncio import gather
from collections.abc import Callable
from dataclasses import replace

from renvoi.application.ports.answers import ApiAnswer
from renvoi.application.ports.unit_of_work import Store, Writer
from tests.support.stores import Scenario, seed

CLAIM = ApiAnswer(b"h" * 32, "first", at_ms=1000, until_ms=61_000)
DONE = replace(CLAIM, status=201, headers=(("etag", '"7"'), ("location", "/v2/é")), body=b"\0{}\xff", sealed=True)


def test_a_claim_is_held_until_it_is_answered_and_the_answer_comes_back(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account = await seed(store)
        assert await store.read(lambda reader: reader.api_answer(account, "k")) is None
        assert await store.write(lambda writer: writer.claim_answer(account, "k", CLAIM, 0))
        assert await store.read(lambda reader: reader.api_answer(account, "k")) == CLAIM
        second = replace(CLAIM, owner="second", at_ms=2000, until_ms=62_000)
        assert not await store.write(lambda writer: writer.claim_answer(account, "k", second, 0))
        # Neither an account's nor a key's answer is that of another one.
        assert await store.write(lambda writer: writer.claim_answer(account + 1, "k", second, 0))
        assert await store.write(lambda writer: writer.claim_answer(account, "K", second, 0))
        assert not await store.write(lambda writer: writer.finish_answer(account, "k", replace(DONE, owner="second")))
        assert await store.write(lambda writer: writer.finish_answer(account, "k", DONE))
        assert await store.read(lambda reader: reader.api_answer(account, "k")) == DONE
        late = replace(second, at_ms=70_000)
        assert not await store.write(lambda writer: writer.claim_answer(account, "k", late, 0))
        assert not await store.write(lambda writer: writer.finish_answer(account, "k", DONE)), "answered twice"

    run(scenario)


def test_a_claim_whose_time_is_over_is_taken_over_and_cannot_answer(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account = await seed(store)
        await store.write(lambda writer: writer.claim_answer(account, "k", CLAIM, 0))
        other = replace(CLAIM, request_hash=b"o" * 32, owner="second", at_ms=61_000, until_ms=121_000)
        assert await store.write(lambda writer: writer.claim_answer(account, "k", other, 0))
        assert not await store.write(lambda writer: writer.finish_answer(account, "k", DONE))
        await store.write(lambda writer: writer.release_answer(account, "k", "first"))
        assert await store.read(lambda reader: reader.api_answer(account, "k")) == other
        await store.write(lambda writer: writer.release_answer(account, "k", "second"))
        assert await store.read(lambda reader: reader.api_answer(account, "k")) is None

    run(scenario)


def test_a_claim_of_a_clock_that_was_set_back_is_taken_over(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account = await seed(store)
        day = 24 * 3600 * 1000
        ahead = replace(CLAIM, at_ms=100 * day, until_ms=100 * day + 60_000)
        await store.write(lambda writer: writer.claim_answer(account, "k", ahead, 0))
        assert await store.write(lambda writer: writer.claim_answer(account, "k", CLAIM, 0))

    run(scenario)


def test_answers_are_forgotten_by_their_age_oldest_first(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account = await seed(store)

        def put(writer: Writer) -> None:
            for at_ms in (3000, 1000, 2000):
                claim = replace(CLAIM, at_ms=at_ms, until_ms=at_ms + 10)
                assert writer.claim_answer(account, f"k{at_ms}", claim, 0)
                assert writer.finish_answer(account, f"k{at_ms}", replace(DONE, at_ms=at_ms))

        await store.write(put)
        # An answer that is too old counts no more, whether or not it was removed.
        again = replace(CLAIM, owner="again", at_ms=5000, until_ms=6000)
        assert not await store.write(lambda writer: writer.claim_answer(account, "k3000", again, 3000))
        assert await store.write(lambda writer: writer.claim_answer(account, "k3000", again, 3001))
        assert await store.write(lambda writer: writer.forget_api_answers(3000, 1)) == 1
        assert await store.write(lambda writer: writer.forget_api_answers(3000, 10)) == 1
        assert await store.write(lambda writer: writer.forget_api_answers(3000, 10)) == 0
        assert await store.read(lambda reader: reader.api_answer(account, "k3000")) == again

    run(scenario)


def test_of_many_that_come_at_once_one_is_the_first(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account = await seed(store)

        def claim(name: str) -> Callable[[Writer], bool]:
            return lambda writer: writer.claim_answer(account, "k", replace(CLAIM, owner=name), 0)

        assert sum(await gather(*(store.write(claim(str(each))) for each in range(20)))) == 1

    run(scenario)


def test_a_sealed_answer_is_emptied_once_and_still_known(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account = await seed(store)
        await store.write(lambda writer: writer.claim_answer(account, "k", CLAIM, 0))
        assert not await store.write(lambda writer: writer.empty_answer(account, "k", "first")), "nothing is sealed yet"
        await store.write(lambda writer: writer.finish_answer(account, "k", DONE))
        assert not await store.write(lambda writer: writer.empty_answer(account, "k", "second"))
        assert not await store.write(lambda writer: writer.empty_answer(account + 1, "k", "first"))
        emptied = [store.write(lambda writer: writer.empty_answer(account, "k", "first")) for _ in range(4)]
        assert sorted(await gather(*emptied)) == [False, False, False, True]
        assert await store.read(lambda reader: reader.api_answer(account, "k")) == replace(DONE, body=b"", sealed=False)

    run(scenario)


def test_of_several_that_claim_and_answer_in_one_transaction_one_does(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account = await seed(store)

        def attempt(owner: str) -> Callable[[Writer], bool]:
            def work(writer: Writer) -> bool:
                claim = replace(CLAIM, owner=owner)
                if not writer.claim_answer(account, "k", claim, 0):
                    return False
                writer.add_account(f"made by {owner}", "en", "FR", 5)
                return writer.finish_answer(account, "k", replace(DONE, owner=owner))

            return work

        done = await gather(*(store.write(attempt(f"o{n}")) for n in range(6)))
        assert done.count(True) == 1
        made = [each for each in await store.read(lambda reader: reader.accounts()) if each.name.startswith("made by")]
        assert len(made) == 1

    run(scenario)
