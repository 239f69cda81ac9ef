"""The rate table, imported by the operator from a CSV file."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from renvoi.application.csv_files import ImportRefused, text_of
from renvoi.application.errors import OperatorError
from renvoi.application.numbers import parse_number
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.calls.rates import Rate, RateInvalid

COLUMNS = ("prefix", "price", "currency")
MAX_RATES = 200_000


def read_rates(file: Path, content: bytes) -> Sequence[Rate]:
    """Read a rate table: a line of names, `prefix,price,currency` in any order, and a line for each prefix.

    Raises:
        OperatorError: it is none; the text says which lines are wrong, and what is allowed there.
    """
    rows = _rows(text_of(file, content))
    try:
        line, header = next(rows, (1, []))
        names = [name.strip().lower() for name in header]
        if sorted(names) != sorted(COLUMNS):
            columns = ",".join(COLUMNS)
            why = {
                "en": f"the first line names the columns: give {columns}",
                "fr": f"la première ligne nomme les colonnes : donnez {columns}",
            }
            raise ImportRefused(file, [(line, why)], 1)
        return _checked(file, names, rows)
    except csv.Error as error:
        raise OperatorError(
            f"{file} cannot be read as CSV: {error}", f"{file} ne peut pas être lu comme du CSV : {error}"
        ) from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with the number of its line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for row in reader:
        if any(value.strip() for value in row):
            yield reader.line_num, row


def _checked(file: Path, names: Sequence[str], rows: Iterator[tuple[int, list[str]]]) -> Sequence[Rate]:
    found: dict[str, tuple[int, Rate]] = {}
    errors: list[tuple[int, Mapping[str, str]]] = []
    currency: tuple[int, str] | None = None
    for line, row in rows:
        try:
            if len(row) != len(names):
                raise RateInvalid(
                    f"it has {len(row)} values: give {len(names)}, in the order of the first line",
                    f"elle a {len(row)} valeurs : donnez-en {len(names)}, dans l’ordre de la première ligne",
                )
            rate = Rate.read(**{name: value.strip() for name, value in zip(names, row, strict=True)})
            currency = currency or (line, rate.currency)
            if rate.currency != currency[1]:
                raise RateInvalid(
                    f"{rate.currency} beside {currency[1]} of line {currency[0]}: give one currency",
                    f"{rate.currency} à côté de {currency[1]} à la ligne {currency[0]} : donnez une seule monnaie",
                )
            if rate.prefix in found:
                raise RateInvalid(
                    f"prefix {rate.prefix} is on line {found[rate.prefix][0]} already: give it once",
                    f"le préfixe {rate.prefix} est déjà à la ligne {found[rate.prefix][0]} : donnez-le une fois",
                )
            found[rate.prefix] = line, rate
        except RateInvalid as error:
            errors.append((line, error.texts))
    if errors:
        raise ImportRefused(file, errors, len(errors))
    if not 0 < len(found) <= MAX_RATES:
        raise OperatorError(
            f"{file} has {len(found)} rates: give 1 to {MAX_RATES}",
            f"{file} a {len(found)} tarifs : donnez-en 1 à {MAX_RATES}",
        )
    return [rate for _, rate in found.values()]


async def import_rates(store: Store, file: Path, content: bytes) -> int:
    """Have the rates of a file in place of those before; return how many.

    Raises:
        OperatorError: see `read_rates`; nothing was changed.
    """
    rates = read_rates(file, content)
    await store.write(lambda writer: writer.put_rates(rates))
    return len(rates)


async def list_rates(store: Store, number: str | None, region: str) -> Sequence[Rate]:
    """Return all rates by prefix, or the one of calls to a number, which is read in `region`.

    Raises:
        OperatorError: it is not a number.
    """
    if number is None:
        return await store.read(lambda reader: reader.rates())
    target = parse_number(number, region)
    found = await store.read(lambda reader: reader.rate(target))
    return [found] if found is not None else []
