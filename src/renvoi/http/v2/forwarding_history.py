"""`/v2/numbers/{number}/forwarding/history` and `…/undo`: how a rule came to be, and back to what it was."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field
from starlette.requests import Request

from renvoi.application.rule_history import PastChange, past_changes, undo
from renvoi.documents.rule_json import rule_json
from renvoi.domain.access.api_key import Principal
from renvoi.domain.ids import written_actor
from renvoi.domain.problem import ProblemCode
from renvoi.domain.rules.rule import NumberRecord
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import Matching
from renvoi.http.v2.forwarding import CHANGES, EXAMPLE_PATH, PATH, RULE, SHOWN, rule_answer
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import AnswerModel, RequestModel, Timestamp, timestamp
from renvoi.http.v2.numbers import NumberPath, number_of
from renvoi.http.v2.pages import Page, Paged, page
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.rule_answers import ForwardingOut, RuleOut
from renvoi.http.v2.rule_reading import tag_of
from renvoi.http.v2.security import requires

_MAX_REVISION = (1 << 62) - 1
_OFF: dict[str, Any] = {
    "action": "off",
    "to": [],
    "ring_timeout_s": 60,
    "on_no_answer": {"action": "release"},
    "on_busy": {"action": "release"},
    "on_unreachable": {"action": "release"},
    "voicemail": {"emails": [], "missed_call_mail": False},
    "schedule": None,
    "callers": {"anonymous": "accept", "block": [], "allow": []},
    "revision": 0,
}


class PastChangeOut(AnswerModel):
    """One change of the rule."""

    revision: int = Field(description="The one that it led to.")
    at: Timestamp
    key: str | None = Field(description="The id of the key that made it; null: the command line.")
    source: str = Field(description="The network address that it came from.")
    before: RuleOut | None = Field(description="null: not kept any more, or by an older version that kept less.")
    after: RuleOut | None = Field(description="null: made by an older version that kept less.")


class UndoIn(RequestModel):
    """What to go back to: the rule before the last change, or the one at a revision."""

    revision: int | None = Field(default=None, ge=0, le=_MAX_REVISION)


def _shown(change: PastChange) -> PastChangeOut:
    entry = change.entry
    return PastChangeOut.model_validate(
        {
            "revision": entry.after.revision,
            "at": timestamp(entry.at_ms),
            "key": written_actor(entry.key_id),
            "source": entry.source,
            "before": None if change.before is None else rule_json(change.before),
            "after": None if change.after is None else rule_json(change.after),
        }
    )


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of a rule's history."""
    router = APIRouter(route_class=V2Route, tags=["forwarding"])

    @router.get(
        f"{PATH}/history",
        response_model_exclude_unset=True,
        **operation(
            "forwarding.history",
            "List the changes of a number's rule",
            description="The newest first, as long as the operator keeps them.",
            example=Example(
                f"{EXAMPLE_PATH}/history?limit=1",
                answer={
                    "data": [
                        {
                            "revision": 1,
                            "at": "2026-11-28T13:08:28.914Z",
                            "key": "key_0a0a0a0a0a0a",
                            "source": "192.0.2.7",
                            "before": _OFF,
                            "after": RULE | {"revision": 1},
                        }
                    ],
                    "next_cursor": None,
                },
                given="a number with a rule",
            ),
            errors=[ProblemCode.NUMBER_UNKNOWN, ProblemCode.RULE_UNREADABLE],
        ),
    )
    async def history(
        who: Annotated[Principal, requires("numbers:read")],
        number: NumberPath,
        paging: Paged,
        response: Response,
    ) -> Page[PastChangeOut]:
        wanted = number_of(number, who)
        after = paging.after(int)
        before = after[0] if after else None
        found = await deps.store.read(lambda reader: past_changes(reader, who, wanted, before, paging.limit + 1))
        return page(paging, response, found, _shown, lambda each: (each.entry.after.revision,))

    @router.post(
        f"{PATH}/undo",
        response_model=ForwardingOut,
        **operation(
            "forwarding.undo",
            "Go back to an earlier rule",
            description="To the one before the last change, or to that of a revision; itself a change, judged as any "
            "other, so that it can be undone too.",
            example=Example(
                f"{EXAMPLE_PATH}/undo",
                body={"revision": 1},
                answer=SHOWN | {"revision": 3},
                given="a number whose rule was changed",
            ),
            errors=[*CHANGES, ProblemCode.NOTHING_TO_UNDO, ProblemCode.REVISION_UNKNOWN],
        ),
    )
    async def undo_(
        who: Annotated[Principal, requires("forwarding:write")],
        number: NumberPath,
        matching: Matching,
        once: Idempotent,
        request: Request,
        body: UndoIn = UndoIn(),  # noqa: B008 - it cannot be changed
    ) -> Response:
        wanted = number_of(number, who)

        def check(record: NumberRecord) -> None:
            matching.check(tag_of(record))

        return await once.run(
            lambda store: undo(store, deps.clock, deps.shared.holidays, who, wanted, body.revision, check),
            lambda changed: rule_answer(deps, request, changed.record),
        )

    return router
