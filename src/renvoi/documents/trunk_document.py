"""Trunks as plain values: for people, for the edge's file, and for the store.

What programs of schema 0003 know of a trunk has columns; all else that differs from its default is in one versioned
document in the row. A new option is a field of `InboundTrunk` or `OutboundTrunk` and of the command line, and nothing
between. A node that meets a newer document refuses to start, as with rules (docs/decisions/0027).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import msgspec

from renvoi.application.ports.errors import UnreadableTrunk
from renvoi.documents.number_row import RowDamaged
from renvoi.documents.routing_document import NewerDocument
from renvoi.domain.rules.rule import Unreadable
from renvoi.domain.trunks import faults
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network

Side = InboundTrunk | OutboundTrunk
"""One trunk may have both sides, of one name."""

VERSION = 2
"""The newest version of the document of a trunk's options that this program reads."""
_FIRST = frozenset(("header_format", "strip", "prefix", "host"))
"""The options of version 1, which programs of schema 0004 read."""
BOTH = "both"
_KINDS: Mapping[str, type[Side]] = {"inbound": InboundTrunk, "outbound": OutboundTrunk}
_TYPES = {kind: get_type_hints(kind) for kind in _KINDS.values()}
_COLUMNS = frozenset(
    ("name", "region", "networks", "called_number", "uri", "priority", "number_format", "diversion_headers")
)
"""The fields that have a column."""
_NOWHERE = "0.0.0.0/32"
"""Stands for no network in a row, as programs of schema 0003 read no trunk without one; nothing comes from there."""
_DAMAGED_NAME = "damaged:"
_PASSTHROUGH = "passthrough"
"""The one caller ID that programs of schema 0003 know, which refuse to start with another in its column."""


def kind_of(side: Side) -> str:
    return "inbound" if isinstance(side, InboundTrunk) else "outbound"


def trunk_values(side: Side) -> dict[str, Any]:
    """Return one side of a trunk as plain values; `trunk_of` reads them."""
    values: dict[str, Any] = msgspec.to_builtins(side, enc_hook=str)
    return {"name": values.pop("name"), "kind": kind_of(side), **values}


def trunk_of(values: Mapping[str, Any]) -> Side:
    """Return the side of a trunk that `trunk_values` gave these values of; others are ignored.

    Raises:
        KeyError: its kind is missing.
        ValueError: one is missing, or not what it should be.
    """
    kind = _KINDS[values["kind"]]
    found = {name: values[name] for name in _TYPES[kind] if name in values}
    try:
        # msgspec knows no union of types that it has no form of its own for.
        given: dict[str, Any] = {
            name: tuple(map(parse_network, value)) if name == "networks" else msgspec.convert(value, _TYPES[kind][name])
            for name, value in found.items()
        }
        return kind(**given)
    except (msgspec.ValidationError, TypeError) as error:
        raise ValueError(str(error)) from error


def row_values(sides: Iterable[Side]) -> dict[str, Any]:
    """Return the row of a trunk of one or two sides: its columns, and its options."""
    found = {kind_of(side): side for side in sides}
    options: dict[str, dict[str, Any]] = {}
    columns: dict[str, Any] = {}
    for kind, side in found.items():
        values = trunk_values(side)
        columns |= {name: value for name, value in values.items() if name in _COLUMNS}
        if given := {name: values[name] for name in _changed(side) if name not in _COLUMNS}:
            options[kind] = given
    return {
        **columns,
        "direction": BOTH if len(found) > 1 else next(iter(found)),
        "networks": (" ".join(columns["networks"]) or _NOWHERE) if "networks" in columns else None,
        "called_from": columns.get("called_number"),
        "caller_id": _PASSTHROUGH if "outbound" in found else None,
        "options_version": _version_of(options),
        "options": msgspec.json.encode(options).decode() if options else None,
    }


def _version_of(options: Mapping[str, Mapping[str, Any]]) -> int | None:
    """Return the oldest version that has these options."""
    if not options:
        return None
    return 1 if all(given.keys() <= _FIRST for given in options.values()) else VERSION


def _changed(side: Side) -> Iterable[str]:
    for field in fields(side):
        if field.default is MISSING or getattr(side, field.name) != field.default:
            yield field.name


def shown_name(name: object) -> str:
    """Return the name of a row, or what stands for it where no trunk can be called so: commands take either.

    What stands for it does not change while the row does not, wherever in a list it is, and no trunk is called so.
    """
    if faults.is_name(name):
        return str(name)
    digest = hashlib.sha256(repr(name).encode(errors="replace")).hexdigest()
    return f"{_DAMAGED_NAME}{digest[:8]}"


def stands_for_name(name: str) -> bool:
    """Tell whether a text is none that a trunk is called by, and may stand for the damaged name of one."""
    return name.startswith(_DAMAGED_NAME)


def sides_of(row: Mapping[str, Any]) -> list[Side]:
    """Return the sides of the trunk that has this row.

    Raises:
        NewerDocument: it has options that this program does not understand.
        RowDamaged: it is damaged.
    """
    name, version = shown_name(row["name"]), row["options_version"]
    if isinstance(version, int) and version > VERSION:
        newer = NewerDocument(f"the options of trunk {name}", version, VERSION)
        newer.row = UnreadableTrunk(name, Unreadable.NEWER)
        raise newer
    kinds = list(_KINDS) if row["direction"] == BOTH else [row["direction"]]
    common = {column: value for column, value in row.items() if column in _COLUMNS and value is not None}
    try:
        networks = str(row["networks"] or "").replace(_NOWHERE, "").split()
        common |= {"networks": networks, "called_number": row["called_from"]}
        options = msgspec.json.decode(row["options"], type=dict[str, dict[str, Any]]) if row["options"] else {}
        return [trunk_of({**common, **options.get(kind, {}), "kind": kind}) for kind in kinds]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RowDamaged(
            f"the row of trunk {name} cannot be read: `renvoi trunk remove {name}`, then add it again ({error})",
            row=UnreadableTrunk(name, Unreadable.DAMAGED),
        ) from error
