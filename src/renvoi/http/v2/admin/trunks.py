"""`/v2/admin/trunks`: the SIP peers that calls come from and are forwarded through.

A change is stored, and the supervisors of all nodes hear of it from the store, as they do of one that was made on
another node. This part has no hand in the edge. New passwords go to the supervisor, which alone can seal and open them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from renvoi.application import trunks
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import UnreadableTrunk
from renvoi.application.trunks import Side
from renvoi.application.unreadable_rows import row_problem
from renvoi.documents.trunk_document import trunk_values
from renvoi.domain.access.api_key import Principal
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.domain.trunks.presets import PRESETS
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.http.deps import NodeAway, TrunkControl
from renvoi.http.v2.admin.common import possible
from renvoi.http.v2.admin.trunk_bodies import (
    FindingOut,
    NewTrunk,
    PresetOut,
    PresetsOut,
    TestOut,
    TrunkOut,
    TrunkPatch,
    TrunkSides,
    TrunksOut,
)
from renvoi.http.v2.admin.trunk_models import (
    PEMS,
    kinds,
    made,
    secrets_of,
    sent,
    side_out,
)
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import IfMatch, Matching, etag_of, shown_tag
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import no_content
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import OPERATOR, requires

NamePath = Annotated[str, Path(description="The trunk's name.", examples=["carrier"])]
_BODY_BYTES = 512 * 1024
_NO_STATE: Mapping[str, Any] = {}
"""Of a trunk that was just changed: nodes take it within seconds."""
_ERRORS = (ProblemCode.TRUNK_UNKNOWN, ProblemCode.TRUNK_UNREADABLE)


_NEW: dict[str, Any] = {
    "name": "carrier",
    "region": "FR",
    "inbound": {"networks": ["192.0.2.0/24"]},
    "outbound": {"uri": "sip:sip.example.com", "priority": 60},
}


Kept = Sequence[Side] | UnreadableTrunk
"""The sides of a trunk, or that it cannot be read."""


def _listed(found: Kept, state: Mapping[str, Any]) -> TrunkOut:
    if not isinstance(found, UnreadableTrunk):
        return _trunk_out(found, state)
    nothing = dict.fromkeys(("region", "inbound", "outbound", "state"))
    text = row_problem(found).detail("en")  # as what the node says of the others
    return TrunkOut.model_validate({**nothing, "name": found.name, "text": text, "unreadable": found.why.value})


def _trunk_out(sides: Sequence[Side], state: Mapping[str, Any]) -> TrunkOut:
    found = kinds(sides)
    values: dict[str, Any] = {
        "name": sides[0].name,
        "region": sides[0].region,
        **{kind: side_out(found[kind]) if kind in found else None for kind in ("inbound", "outbound")},
        "state": state.get("state"),
        "text": state.get("text"),
        "unreadable": None,
    }
    return TrunkOut.model_validate(values)


def trunk_tag(sides: Sequence[Side]) -> str:
    return etag_of([trunk_values(side) for side in sides])


def _shown(sides: Sequence[Side], status: int = 200, state: Mapping[str, Any] = _NO_STATE, **headers: str) -> Response:
    content = _trunk_out(sides, state).model_dump_json(by_alias=True).encode()
    named = {"ETag": shown_tag(trunk_tag(sides), content), **headers}
    return Response(content, status, named, media_type="application/json")


class KeptTrunks:
    """The trunks that there are, and what the node does about them."""

    def __init__(self, deps: V2Deps) -> None:
        self._deps = deps

    @property
    def control(self) -> TrunkControl:
        """What the node does about trunks."""
        return self._deps.shared.trunks

    async def all(self) -> dict[str, Kept]:
        """Return all trunks by name."""
        found = await trunks.list_trunks(self._deps.store)
        sides: tuple[Side, ...] = (*found.inbound, *found.outbound)
        by_name: dict[str, list[Side]] = {}
        for side in sides:
            by_name.setdefault(side.name, []).append(side)
        kept: dict[str, Kept] = {**by_name, **{row.name: row for row in found.unreadable}}
        return dict(sorted(kept.items()))

    async def of(self, name: str) -> Sequence[Side]:
        """Return the sides of a trunk.

        Raises:
            Problem: there is none of that name, or it cannot be read.
        """
        found = await self.any_of(name)
        if isinstance(found, UnreadableTrunk):
            raise row_problem(found)
        return found

    async def any_of(self, name: str) -> Kept:
        """Return a trunk, whether it can be read or not.

        Raises:
            Problem: there is none of that name.
        """
        found = (await self.all()).get(name)
        if found is None:
            raise Problem(ProblemCode.TRUNK_UNKNOWN)
        return found

    async def new(self, body: NewTrunk) -> tuple[Sequence[Side], Mapping[str, bytes]]:
        """Return the sides of a new trunk, and its sealed secrets.

        Raises:
            Problem: something of it is wrong, or the node cannot be asked.
        """
        options = _options(body)
        if not options:
            raise invalid(*(FieldError(f"/{kind}", FieldCode.MISSING) for kind in ("inbound", "outbound")))
        sealed = await self._prepared(body.name, body, options, ())
        common = {"name": body.name, "region": body.region}
        return made({kind: {"networks": [], **given, **common} for kind, given in options.items()}), sealed

    async def changed(
        self, name: str, body: TrunkPatch, matching: IfMatch
    ) -> tuple[Callable[[Sequence[Side]], Sequence[Side]], Mapping[str, bytes]]:
        """Return what makes of a trunk's sides what is asked for, and the new sealed secrets.

        Raises:
            Problem: there is no such trunk, something is wrong, or the node cannot be asked.
        """
        before = await self.of(name)
        options = _options(body)
        sealed = await self._prepared(name, body, options, before)
        common = {"region": body.region} if "region" in body.model_fields_set else {}

        def change(found: Sequence[Side]) -> Sequence[Side]:
            matching.check(trunk_tag(found))
            values = {kind: trunk_values(side) for kind, side in kinds(found).items()}
            for kind, given in options.items():
                first = {"name": name, "region": found[0].region, "networks": []}
                values[kind] = {**values.get(kind, first), **given}
            return made({kind: {**each, **common} for kind, each in values.items()})

        return change, sealed

    async def _prepared(
        self, name: str, body: TrunkSides, options: dict[str, dict[str, Any]], before: Sequence[Side]
    ) -> Mapping[str, bytes]:
        """Put certificates into the options as they are kept; return the sealed secrets.

        Raises:
            Problem: they are wrong, or the node cannot be asked.
        """
        pems: dict[str, str] = {key: each[key] for each in options.values() for key in PEMS if key in each}
        secrets = secrets_of("inbound", body.inbound) | secrets_of("outbound", body.outbound)
        if not secrets and not any(pems.values()):
            return {}
        outbound = kinds(before).get("outbound")
        certificate = outbound.client_cert if isinstance(outbound, OutboundTrunk) else ""
        try:
            found = await self.control.prepare(name, pems, secrets, certificate)
        except NodeAway as error:
            raise Problem(ProblemCode.UNAVAILABLE) from error
        if isinstance(found, str):
            raise invalid(FieldError("", FieldCode.REFUSED, {"why": found}))
        for each in options.values():
            each |= {key: value for key, value in found.certificates.items() if key in each}
        return found.sealed


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of trunks."""
    router = APIRouter(route_class=V2Route, tags=["admin"])
    kept = KeptTrunks(deps)
    _reads(router, kept)
    _writes(router, kept)
    _tests(router, deps, kept)
    return router


def _reads(router: APIRouter, kept: KeptTrunks) -> None:
    @router.get(
        "/v2/admin/trunks",
        **operation(
            "admin.trunks.list",
            "List trunks",
            description="All of them, by name, with what this node says of each; those that cannot be read too.",
            example=Example("/v2/admin/trunks", given="a trunk"),
            versioned=False,
        ),
    )
    async def list_(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
    ) -> TrunksOut:
        states = await kept.control.states()
        found = await kept.all()
        shown = [_listed(each, states.get(name, {})) for name, each in found.items()]
        return TrunksOut(data=shown, next_cursor=None)

    @router.get(
        "/v2/admin/trunks/{name}",
        response_model=TrunkOut,
        **operation(
            "admin.trunks.get",
            "Read a trunk",
            description="`state` is what this node says, and goes into the `ETag`. `If-Match` compares the trunk.",
            example=Example("/v2/admin/trunks/carrier", given="a trunk"),
            errors=_ERRORS,
        ),
    )
    async def get(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        name: NamePath,
    ) -> Response:
        sides = await kept.of(name)
        return _shown(sides, state=(await kept.control.states()).get(name, _NO_STATE))

    @router.get(
        "/v2/admin/trunk-presets",
        **operation(
            "admin.trunk_presets.list",
            "List presets of trunks",
            description="Options that carriers want, for `preset`, and how sure they are.",
            example=Example("/v2/admin/trunk-presets"),
            versioned=False,
        ),
    )
    async def presets(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
    ) -> PresetsOut:
        return PresetsOut(data=[_preset_out(name) for name in PRESETS], next_cursor=None)


def _writes(router: APIRouter, kept: KeptTrunks) -> None:
    @router.post(
        "/v2/admin/trunks",
        response_model=TrunkOut,
        status_code=201,
        **operation(
            "admin.trunks.create",
            "Add a trunk",
            description="All options of `renvoi trunk add`, by the same names. All nodes take it within seconds.",
            example=Example("/v2/admin/trunks", body=_NEW),
            errors=[ProblemCode.TRUNK_UNREADABLE, ProblemCode.NOT_POSSIBLE],
            body_bytes=_BODY_BYTES,
        ),
    )
    async def create(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        body: NewTrunk,
        once: Idempotent,
    ) -> Response:
        sides, sealed = await kept.new(body)
        return await once.run(
            lambda store: possible(trunks.add_trunk(store, *sides, secrets=sealed)),
            lambda _: _shown(sides, 201, Location=f"/v2/admin/trunks/{body.name}"),
        )

    @router.patch(
        "/v2/admin/trunks/{name}",
        response_model=TrunkOut,
        **operation(
            "admin.trunks.update",
            "Change a trunk",
            description="Calls in progress go on. All nodes take it within seconds.",
            example=Example("/v2/admin/trunks/carrier", body={"outbound": {"priority": 70}}, given="a trunk"),
            errors=[*_ERRORS, ProblemCode.NOT_POSSIBLE],
            body_bytes=_BODY_BYTES,
        ),
    )
    async def update(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        name: NamePath,
        body: TrunkPatch,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        change, sealed = await kept.changed(name, body, matching)
        return await once.run(lambda store: possible(trunks.change_trunk(store, name, change, sealed)), _shown)

    @router.delete(
        "/v2/admin/trunks/{name}",
        status_code=204,
        response_class=Response,
        **operation(
            "admin.trunks.remove",
            "Remove a trunk",
            description="With its passwords. Calls in progress go on.",
            example=Example("/v2/admin/trunks/carrier", given="a trunk"),
            errors=[ProblemCode.TRUNK_UNKNOWN],
        ),
    )
    async def remove(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        name: NamePath,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        await kept.any_of(name)

        def check(before: Sequence[Side]) -> None:
            matching.check(trunk_tag(before))

        return await once.run(
            lambda store: possible(trunks.remove_trunk(store, name, check if matching.is_given else None)),
            lambda _: no_content(),
        )


def _tests(router: APIRouter, deps: V2Deps, kept: KeptTrunks) -> None:
    @router.post(
        "/v2/admin/trunks/{name}/test",
        response_model=TestOut,
        **operation(
            "admin.trunks.test",
            "Try a trunk",
            description="Whether it is found, answers, lets us in and has us registered, as this node sees it.",
            example=Example("/v2/admin/trunks/carrier/test", given="a trunk that can be tried"),
            errors=[*_ERRORS, ProblemCode.NOT_POSSIBLE],
            versioned=False,
        ),
    )
    async def test(
        who: Annotated[Principal, requires(OPERATOR)],  # noqa: ARG001 - whoever it is has the scope
        name: NamePath,
    ) -> TestOut:
        await kept.of(name)
        try:
            await trunks.find_outbound(deps.store, name)
            found = await kept.control.test(name)
        except (OperatorError, NodeAway) as error:
            raise Problem(ProblemCode.NOT_POSSIBLE, reason=error.texts) from error
        findings = [{name: each[name] for name in FindingOut.model_fields} for each in found["findings"]]
        return TestOut.model_validate({**found, "findings": findings, "ok": found["well"]})


def _options(body: TrunkSides) -> dict[str, dict[str, Any]]:
    """Return the options that are given of each side."""
    given: dict[str, BaseModel | None] = {"inbound": body.inbound, "outbound": body.outbound}
    options = {kind: sent(model) for kind, model in given.items() if model is not None}
    if body.preset is not None:
        options["outbound"] = {**PRESETS[body.preset].options, **options.get("outbound", {})}
    return options


def _preset_out(name: str) -> PresetOut:
    preset = PRESETS[name]
    plain = {key: value if isinstance(value, bool | int) else str(value) for key, value in preset.options.items()}
    return PresetOut(
        name=name,
        options=plain,
        source=preset.source,
        as_of=str(preset.as_of),
        proven=preset.proven,
        besides=preset.besides,
    )
