"""Damage to bytes, at random places."""

import random

PIECES = (b"\r\n", b"\r\n ", b"\0", b";", b",", b"<", b">", b'"', b"%00", b"\xff")
"""Bytes that mean something to a parser."""


def mutate(message: bytes, dice: random.Random) -> bytes:
    """Damage a message in one to four places."""
    data = bytearray(message)
    for _ in range(dice.randint(1, 4)):
        if not data:
            return message
        at, length = dice.randrange(len(data)), dice.randint(1, 12)
        match dice.randrange(5):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * dice.randint(1, 20)
            case 3:
                data[at:at] = bytes(dice.randrange(256) for _ in range(length))
            case 4:
                data[at:at] = dice.choice(PIECES)
    return bytes(data)
