"""The form of a trunk, made of the fields of trunks themselves: a new option needs no line here, but two words."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from renvoi.documents.trunk_document import Side, trunk_values
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.trunks.presets import PRESETS
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.http.dashboard import words
from renvoi.http.dashboard.fields import lines, whole
from renvoi.http.dashboard.forms import Form
from renvoi.http.v2.admin.trunk_models import KINDS, PEMS, SECRETS

FIRST: Mapping[str, Sequence[str]] = {
    "inbound": ("networks", "inbound_user"),
    "outbound": ("uri", "priority", "number_format", "user", "register"),
}
"""What is asked at once of each side; the rest stands behind "More"."""
_NAMES = {"from_": "from"}
"""Fields whose names are words of Python, as `/v2` has them."""
_SHARED = ("name", "region")


@dataclass(frozen=True, slots=True)
class Option:
    """An option of one side: how it is asked for (`text`, `area`, `select`, `tick`, `secret`), and its choices."""

    kind: str
    name: str
    widget: str
    choices: Sequence[str] = ()

    @property
    def field(self) -> str:
        """The name of its field."""
        return f"{self.kind}/{self.name}"

    def shown(self, value: Any) -> Any:
        """Return a value as the form has it."""
        if isinstance(value, list | tuple):
            return "\n".join(map(str, value))
        return "" if value is None else value

    def read(self, form: Form) -> Any:
        """Return what the form says, as a body of `/v2` does; what is wrong stays a text, which the model refuses."""
        text = form.text(self.field)
        match self.widget:
            case "tick":
                return bool(text)
            case "networks":
                return lines(text)
            case "number":
                return whole(text) if text else 0
            case "select" if "" in self.choices:
                return text or None
            case "area":
                # A browser ends lines of a box by CR LF (WHATWG HTML §4.10.11).
                return f"{text.replace(chr(13), '')}\n" if text else ""
            case _:
                return text


def _option(kind: str, field: Field[Any], hint: Any) -> Option:
    name = _NAMES.get(field.name, field.name)
    if field.name in PEMS:
        return Option(kind, name, "area")
    if isinstance(hint, UnionType):
        (enum,) = (each for each in get_args(hint) if each is not type(None))
        return Option(kind, name, "select", ("", *(each.value for each in enum)))
    if get_origin(hint) is tuple:
        return Option(kind, name, "networks")
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Option(kind, name, "select", tuple(each.value for each in hint))
    return Option(kind, name, {bool: "tick", int: "number"}.get(hint, "text"))


def _options(kind: str, of: type[Side]) -> Sequence[Option]:
    hints = get_type_hints(of)
    found = [_option(kind, each, hints[each.name]) for each in fields(of) if each.name not in _SHARED]
    return [*found, *(Option(kind, name, "area" if name == "client_key" else "secret") for name in SECRETS[kind])]


OPTIONS: Mapping[str, Sequence[Option]] = {kind: _options(kind, of) for kind, of in KINDS.items()}
"""All options of each side."""


def first_options(kind: str) -> Sequence[Option]:
    """Return what is asked at once, the password beside its user."""
    by_name = {option.name: option for option in OPTIONS[kind]}
    names = [each for name in FIRST[kind] for each in ((name, "password") if name.endswith("user") else (name,))]
    return [by_name[name] for name in names]


def more_options(kind: str) -> Sequence[Option]:
    """Return the rest."""
    first = first_options(kind)
    return [option for option in OPTIONS[kind] if option not in first]


def blank(kind: str, preset: str = "") -> dict[str, Any]:
    """Return the values of a side that is to be added, by their fields: the defaults, or those of a preset."""
    of = KINDS[kind]
    given = PRESETS[preset].options if preset in PRESETS and of is OutboundTrunk else {}
    values: dict[str, Any] = {}
    for each in fields(of):
        default = given.get(each.name, None if each.default is MISSING else each.default)
        values[_NAMES.get(each.name, each.name)] = default.value if isinstance(default, Enum) else default
    return {option.field: option.shown(values.get(option.name)) for option in OPTIONS[kind]}


def values_of(sides: Mapping[str, Side]) -> dict[str, Any]:
    """Return the values of a trunk by their fields; secrets are empty, as nobody is shown them."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        if kind not in sides:
            found |= blank(kind) | {f"has_{kind}": False}
            continue
        values = {_NAMES.get(name, name): value for name, value in trunk_values(sides[kind]).items()}
        found |= {option.field: option.shown(values.get(option.name)) for option in OPTIONS[kind]}
        found[f"has_{kind}"] = True
    return found


def sent_values(form: Form) -> dict[str, Any]:
    """Return what a form says, to show it again; but for its secrets, which are written once more."""
    found: dict[str, Any] = {"name": form.text("name"), "region": form.text("region")}
    for kind, options in OPTIONS.items():
        found[f"has_{kind}"] = form.flag(f"has_{kind}")
        for option in options:
            is_secret = option.name in SECRETS[kind]
            found[option.field] = "" if is_secret else option.shown(option.read(form))
    return found


def left_out(form: Form) -> list[FieldError]:
    """Return what is wrong with sides whose box is not ticked, though something is filled in: nothing of it is dropped.

    What has its default says nothing, as each form has it.
    """
    found: list[FieldError] = []
    for kind, options in OPTIONS.items():
        if form.flag(f"has_{kind}"):
            continue
        default = blank(kind)
        filled = [each for each in options if each.field in form and each.shown(each.read(form)) != default[each.field]]
        if filled:
            why = {language: _filled_in(language, filled) for language in LANGUAGES}
            found.append(FieldError(f"/has_{kind}", FieldCode.REFUSED, {"why": why}))
    return found


def _filled_in(language: str, options: Sequence[Option]) -> str:
    names = ", ".join(words.text(language, f"trunk.{option.field}") for option in options)
    return words.text(language, "trunk.left_out", fields=names)


def body_of(form: Form, **shared: str) -> dict[str, Any]:
    """Return the body of `/v2` that a form stands for: the sides that are there; a secret that is empty stays."""
    body: dict[str, Any] = {**shared, "region": form.text("region").upper()}
    for kind, options in OPTIONS.items():
        if not form.flag(f"has_{kind}"):
            continue
        values = {option.name: option.read(form) for option in options}
        body[kind] = {
            name: value for name, value in values.items() if value not in ("", "\n") or name not in SECRETS[kind]
        }
    return body
