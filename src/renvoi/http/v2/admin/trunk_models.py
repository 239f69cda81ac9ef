"""The bodies of `/v2/admin/trunks`, made of the fields of trunks themselves: a new option needs no line here."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from enum import Enum
from functools import partial
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, Field, create_model

from renvoi.documents.trunk_document import Side, trunk_of, trunk_values
from renvoi.domain.field_error import FieldCode, FieldError, FieldFault
from renvoi.domain.problem import invalid
from renvoi.domain.trunks.faults import TrunkContradiction, TrunkInvalid
from renvoi.domain.trunks.presets import PRESETS
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.http.v2.models import AnswerModel, RequestModel

KINDS: Mapping[str, type[Side]] = {"inbound": InboundTrunk, "outbound": OutboundTrunk}
PEMS = frozenset(("ca", "client_cert"))
SECRETS: Mapping[str, Mapping[str, tuple[int, int, str]]] = {
    "inbound": {"password": (8, 128, "Of `inbound_user`. It is never shown.")},
    "outbound": {
        "password": (1, 128, "Of `user`. It is never shown."),
        "client_key": (1, 20_000, "The key of `client_cert`, PEM. It is never shown."),
    },
}
"""What each side has besides its options, and is only written: least and most characters, and what it is."""
_SOMEWHERE = (parse_network("192.0.2.1"),)
_MOST_TEXT, _MOST_PEM, _MOST_NETWORKS = 500, 100_000, 1000
_NAMES = {"from_": "from"}
"""Fields whose names are words of Python, as JSON has them."""
_SHARED = ("name", "region")
"""What both sides of a trunk have in common, which is given once."""
_ATTRIBUTES = {"register": "register_"}
"""Fields that a model cannot have by their names."""
_FIELDS = {attribute: name for name, attribute in _ATTRIBUTES.items()}
_field: Any = Field


def _written(annotation: Any) -> Any:
    """Return the type that a field's value has in JSON."""
    if isinstance(annotation, UnionType):
        known = [_written(each) for each in get_args(annotation) if each is not type(None)]
        return known[0] | None
    if get_origin(annotation) is tuple:
        return list[str]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Literal[tuple(each.value for each in annotation)]
    return annotation


def _limits(name: str, annotation: Any) -> dict[str, int]:
    """Return how long a value may be; in what range a number is, the trunk itself says."""
    if annotation is str:
        return {"max_length": _MOST_PEM if name in PEMS else _MOST_TEXT}
    if get_origin(annotation) is tuple:
        return {"max_length": _MOST_NETWORKS}
    return {}


def _alone(kind: type[Side], name: str, value: Any) -> Any:
    """Check an option by itself, so that each wrong one is named; what goes together is checked when all are right."""
    usual: Mapping[str, Any] = {"networks": _SOMEWHERE} if kind is InboundTrunk else {"uri": "sip:192.0.2.1"}
    try:
        kind(**{"name": "x", **usual, name: value})
    except TrunkInvalid as error:
        for fault in error.faults:
            if fault.field == name and not isinstance(fault, TrunkContradiction):
                raise FieldFault(FieldCode.REFUSED, why=fault.texts) from error
    return value


def _network(text: str) -> str:
    try:
        parse_network(text)
    except TrunkInvalid as error:
        raise FieldFault(FieldCode.REFUSED, why=error.texts) from error
    return text


def _checked(kind: type[Side], name: str, hint: Any) -> Any:
    """Return the type of an option in a request, which is checked as the trunk checks it.

    Certificates are not: those that are sent may have more around them, which the supervisor takes off.
    """
    if get_origin(hint) is list:
        return list[Annotated[str, AfterValidator(_network)]]
    return hint if name in PEMS else Annotated[hint, AfterValidator(partial(_alone, kind, name))]


def _definitions(kind: type[Side], *, asked: bool) -> dict[str, Any]:
    hints = get_type_hints(kind)
    found: dict[str, Any] = {}
    for each in fields(kind):
        if each.name in ("name", "region"):
            continue
        hint = _written(hints[each.name])
        attribute, shown = _ATTRIBUTES.get(each.name, each.name), _NAMES.get(each.name, each.name)
        alias = {"alias": shown} if shown != attribute else {}
        if not asked:
            found[attribute] = (hint, _field(**alias))
            continue
        default = None if each.default is MISSING else each.default
        value = default.value if isinstance(default, Enum) else [] if default == () else default
        if value is None and not isinstance(hints[each.name], UnionType):
            value = [] if hint == list[str] else ""
        hint = _checked(kind, each.name, hint) if hint == list[str] or hint in (str, int) else hint
        found[attribute] = (hint, _field(default=value, **alias, **_limits(each.name, hints[each.name])))
    return found


def _secrets(kind: str) -> dict[str, Any]:
    return {
        name: (
            str | None,
            Field(
                default=None,
                min_length=least,
                max_length=most,
                description=text,
                json_schema_extra={"writeOnly": True, "format": "password"},
            ),
        )
        for name, (least, most, text) in SECRETS[kind].items()
    }


if TYPE_CHECKING:
    InboundIn: TypeAlias = RequestModel
    OutboundIn: TypeAlias = RequestModel
    InboundOut: TypeAlias = AnswerModel
    OutboundOut: TypeAlias = AnswerModel
    Preset: TypeAlias = str
else:

    def _asked(name: str, kind: str) -> type[RequestModel]:
        return create_model(name, __base__=RequestModel, **_definitions(KINDS[kind], asked=True), **_secrets(kind))

    InboundIn, OutboundIn = _asked("InboundIn", "inbound"), _asked("OutboundIn", "outbound")
    InboundOut = create_model("InboundOut", __base__=AnswerModel, **_definitions(InboundTrunk, asked=False))
    OutboundOut = create_model("OutboundOut", __base__=AnswerModel, **_definitions(OutboundTrunk, asked=False))
    Preset = Literal[tuple(PRESETS)]


def side_out(side: Side) -> BaseModel:
    """Return one side of a trunk as it is shown."""
    values = {_NAMES.get(name, name): value for name, value in trunk_values(side).items()}
    model: type[BaseModel] = InboundOut if isinstance(side, InboundTrunk) else OutboundOut
    return model.model_validate(values)


def sent(model: BaseModel | None) -> dict[str, Any]:
    """Return the options that a request gives of a side, by the names of their fields; without its secrets."""
    if model is None:
        return {}
    secret = {name for of_kind in SECRETS.values() for name in of_kind}
    given = model.model_fields_set - secret
    return {_FIELDS.get(name, name): getattr(model, name) for name in given}


def secrets_of(kind: str, model: BaseModel | None) -> dict[str, str]:
    """Return the secrets that a request gives of a side, by the names that `TrunkControl.prepare` knows."""
    if model is None:
        return {}
    names = {"password": kind, "client_key": "client-key"}
    given = {name: getattr(model, name) for name in SECRETS[kind]}
    return {names[name]: secret for name, secret in given.items() if secret is not None}


def made(values: Mapping[str, Mapping[str, Any]]) -> list[Side]:
    """Return the sides of a trunk that have these values, by their kinds.

    Raises:
        Problem: some are wrong, or do not go together; all of them are named.
    """
    sides: list[Side] = []
    wrong: list[FieldError] = []
    for kind, given in values.items():
        try:
            sides.append(trunk_of({**given, "kind": kind}))
        except TrunkInvalid as error:
            wrong += [_wrong(kind, fault) for fault in error.faults]
        except ValueError as error:
            wrong.append(FieldError(f"/{kind}", FieldCode.REFUSED, {"why": str(error)}))
    if wrong:
        # What both sides have in common is wrong in both.
        raise invalid(*{error.pointer + str(error.args): error for error in wrong}.values())
    return sides


def _wrong(kind: str, fault: TrunkInvalid) -> FieldError:
    name = _NAMES.get(fault.field, fault.field)
    pointer = f"/{name}" if name in _SHARED else f"/{kind}/{name}"
    return FieldError(pointer, FieldCode.REFUSED, {"why": fault.texts})


def kinds(sides: Sequence[Side]) -> dict[str, Side]:
    """Return the sides of a trunk by their kinds."""
    return {"inbound" if isinstance(side, InboundTrunk) else "outbound": side for side in sides}
