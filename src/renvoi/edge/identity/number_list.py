"""The numbers that a certificate speaks for: the extension TNAuthList (RFC 8226 §9), of which DER is read no more."""

from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE, _INTEGER, _IA5_STRING = 0x30, 0x02, 0x16
_PROVIDER, _RANGE, _ONE = 0xA0, 0xA1, 0xA2
MAX_DIGITS = 15
MAX_COUNT_BYTES = 8


class NumberListInvalid(ValueError):
    """The extension is malformed."""


@dataclass(frozen=True, slots=True)
class NumberList:
    """Numbers one by one, as ranges of a first number and a count, and as whatever a provider has.

    `providers` are codes that authorities give to operators (SPC): which numbers are theirs no certificate says.
    """

    providers: tuple[str, ...] = ()
    ranges: tuple[tuple[str, int], ...] = ()
    numbers: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, der: bytes) -> "NumberList":
        """Read the extension's value.

        Raises:
            NumberListInvalid: it is none, or is empty.
        """
        providers: list[str] = []
        ranges: list[tuple[str, int]] = []
        numbers: set[str] = set()
        for tag, value in _elements(_only(der, _SEQUENCE)):
            if tag == _PROVIDER:
                providers.append(_text(_only(value, _IA5_STRING)))
            elif tag == _ONE:
                numbers.add(_text(_only(value, _IA5_STRING)))
            elif tag == _RANGE:
                ranges.append(_range(_only(value, _SEQUENCE)))
            else:
                raise NumberListInvalid("the kind of an entry of TNAuthList is not known")
        if not (providers or ranges or numbers):
            raise NumberListInvalid("TNAuthList is empty")
        return cls(tuple(providers), tuple(ranges), frozenset(numbers))

    def covers(self, number: str) -> bool:
        """Tell whether a number (digits only) is among these, or may be as one of a provider's."""
        return bool(self.providers) or number in self.numbers or any(_within(number, each) for each in self.ranges)


def _within(number: str, among: tuple[str, int]) -> bool:
    first, count = among
    return len(number) == len(first) and 0 <= int(number) - int(first) < count


def _range(der: bytes) -> tuple[str, int]:
    fields = list(_elements(der))
    # More may follow in a later version of the extension.
    if len(fields) < 2 or fields[0][0] != _IA5_STRING or fields[1][0] != _INTEGER:
        raise NumberListInvalid("a range of TNAuthList is malformed")
    first, count = _text(fields[0][1]), fields[1][1]
    if not first.isdigit() or len(first) > MAX_DIGITS or not 0 < len(count) <= MAX_COUNT_BYTES:
        raise NumberListInvalid("a range of TNAuthList is malformed")
    return first, int.from_bytes(count, signed=True)


def _text(value: bytes) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError as error:
        raise NumberListInvalid("a text in TNAuthList is not ASCII") from error


def _only(der: bytes, wanted: int) -> bytes:
    """Return the content of the one element that `der` is."""
    found = list(_elements(der))
    if len(found) != 1 or found[0][0] != wanted:
        raise NumberListInvalid("TNAuthList is malformed")
    return found[0][1]


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element (X.690 §8.1)."""
    position = 0
    while position < len(der):
        tag, length, position = der[position], _byte(der, position + 1), position + 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 3:
                raise NumberListInvalid("a length in TNAuthList is malformed")
            length = int.from_bytes(der[position : position + size])
            position += size
        if position + length > len(der):
            raise NumberListInvalid("TNAuthList is cut off")
        yield tag, der[position : position + length]
        position += length


def _byte(der: bytes, position: int) -> int:
    if position >= len(der):
        raise NumberListInvalid("TNAuthList is cut off")
    return der[position]
