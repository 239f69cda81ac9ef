"""How the mailbox of a number greets its callers."""

from renvoi.application.numbers import find_number
from renvoi.application.ports.numbers import Greeting
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.domain.numbers.number import E164


async def set_greeting(store: Store, clock: Clock, number: E164, audio: bytes) -> None:
    """Give a number a greeting of its own, from the next call on; `audio` is a WAV that was checked before.

    Raises:
        OperatorError: there is no such number.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> None:
        find_number(writer, number)
        writer.put_greeting(number, audio, now_ms)

    await store.write(work)


async def reset_greeting(store: Store, clock: Clock, number: E164, *, spoken: bool) -> None:
    """Go back to the default greeting, from the next call on; `spoken` has it say the number.

    Raises:
        OperatorError: there is no such number.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> None:
        find_number(writer, number)
        if spoken:
            writer.put_greeting(number, None, now_ms, spoken=True)
        else:
            writer.remove_greeting(number)

    await store.write(work)


async def show_greeting(store: Store, number: E164) -> Greeting | None:
    """Return a number's greeting, None for the default one.

    Raises:
        OperatorError: there is no such number.
    """
    await store.read(lambda reader: find_number(reader, number))
    return await store.read(lambda reader: reader.greeting(number))
