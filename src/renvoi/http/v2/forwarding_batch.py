"""`POST /v2/forwarding:batch`: the rules of many numbers, all or nothing, or each for itself."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Response
from pydantic import Field
from starlette.requests import Request

from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.rule_batches import (
    BatchChange,
    BatchRefused,
    Result,
    change_all,
    change_each,
    try_each,
)
from renvoi.application.rules import Changed, HolidayDates
from renvoi.domain.access.api_key import Principal
from renvoi.domain.field_error import FieldError
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.request_context import context_of
from renvoi.http.v2.batch_reading import ReadChange, read_changes
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.forwarding import RULE, DryRun
from renvoi.http.v2.idempotency import Idempotent, IdempotentWrite
from renvoi.http.v2.models import AnswerModel, Number
from renvoi.http.v2.problems import MAX_ERRORS, language_of
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.rule_models import BatchIn
from renvoi.http.v2.security import requires

BODY_BYTES = 16 * 1024 * 1024
"""For 10,000 rules of 1.6 kB; rules with all their lists full are larger, and come in several batches."""
Shown = Sequence[dict[str, Any]]
"""What is shown of each change, in their order."""
_STATUSES = ("changed", "unchanged", "refused")


class ItemError(AnswerModel):
    """A wrong field."""

    pointer: str = Field(description="A JSON pointer into the body of the request.")
    code: str
    detail: str


class ItemProblem(AnswerModel):
    """Why a change cannot be made."""

    code: str
    title: str
    status: int
    detail: str
    errors: list[ItemError] = Field(default=[])


class BatchItem(AnswerModel):
    """What one change came to."""

    number: Number | None = Field(description="null: it cannot be read.")
    status: Literal["changed", "unchanged", "refused"]
    revision: int | None = Field(description="That of the rule afterwards; null: refused.")
    problem: ItemProblem | None = Field(description="null: none.")


class BatchOut(AnswerModel):
    """What the changes came to, in their order; in a dry run what they would."""

    atomic: bool
    dry_run: bool
    changed: int
    unchanged: int
    refused: int
    results: list[BatchItem]


class _Batch:
    """One request: its changes, and how what they came to is shown."""

    def __init__(self, dates: HolidayDates, who: Principal, language: str, read: Sequence[ReadChange]) -> None:
        self._who = who
        self._language = language
        self._read = read
        self._now_ms = dates.now_ms
        self._dates = dates
        self._good = {place: each.change for place, each in enumerate(read) if isinstance(each.change, BatchChange)}
        self._changes = list(self._good.values())
        self._places = list(self._good)

    def _unread(self) -> dict[int, Problem]:
        return {place: each.change for place, each in enumerate(self._read) if isinstance(each.change, Problem)}

    async def _unjudged(self) -> dict[int, Problem]:
        """Return the problems that changes have by themselves which can be read: holidays that nobody knows, too."""
        found = {
            place: await self._dates.told_with(invalid(*self._read[place].faults()), each.change.holidays)
            for place, each in self._good.items()
        }
        return {place: problem for place, problem in found.items() if problem.errors}

    async def all_or_nothing(self, once: IdempotentWrite, render: Callable[[Shown], Response]) -> Response:
        """Make all changes or none; return the answer.

        Raises:
            Problem: some cannot be made.
        """
        unread = self._unread()
        if unread:
            raise Problem(ProblemCode.FIELDS_INVALID, errors=self._errors(unread | await self._unjudged()))
        try:
            return await once.run(
                lambda store: change_all(store, self._dates, self._who, self._changes),
                lambda made: render([self._shown(place, each) for place, each in enumerate(made)]),
            )
        except BatchRefused as error:
            raise Problem(ProblemCode.BATCH_REFUSED, errors=self._errors(error.problems)) from error

    async def try_all(self, store: Store) -> Shown:
        """Return what is shown of what each change would come to."""
        refused = self._unread()
        made: dict[int, Changed] = {}
        try:
            found = await change_all(store, self._dates, self._who, self._changes, dry_run=True)
            made = dict(zip(self._places, found, strict=True))
        except BatchRefused as error:
            refused |= {self._places[place]: problem for place, problem in error.problems.items()}
            made = {self._places[place]: each for place, each in error.others.items()}
        return [self._shown(place, refused.get(place) or made[place]) for place in range(len(self._read))]

    def _errors(self, refused: Mapping[int, Problem]) -> Sequence[FieldError]:
        found = [error for place in sorted(refused) for error in self._read[place].errors(refused[place], place)]
        return found[:MAX_ERRORS]

    async def each(self, store: Store, once: IdempotentWrite, *, dry_run: bool) -> Shown:
        """Make each change for itself; return what is shown of each."""
        shown: dict[int, dict[str, Any]] = {
            place: self._shown(place, problem) for place, problem in self._unread().items()
        }
        if dry_run:
            found = await try_each(store, self._dates, self._who, self._changes)
            shown |= {place: self._shown(place, each) for place, each in zip(self._places, found, strict=True)}
        else:

            def around(first: int, writer: Writer, run: Callable[[], Sequence[Result]]) -> bytes:
                def made() -> bytes:
                    places = self._places[first:]
                    return msgspec.json.encode([self._shown(*each) for each in zip(places, run(), strict=False)])

                return once.part(writer, str(first), made, self._now_ms)

            results: list[dict[str, Any]] = []
            async for some in change_each(store, self._dates, self._who, self._changes, around):
                results += msgspec.json.decode(some)
            shown |= dict(zip(self._places, results, strict=True))
        return [shown[place] for place in range(len(self._read))]

    def _shown(self, place: int, result: Result) -> dict[str, Any]:
        number = self._read[place].number
        shown: dict[str, Any] = {"number": None if number is None else number.value}
        if isinstance(result, Problem):
            return shown | {"status": "refused", "revision": None, "problem": self._problem(place, result)}
        status = "changed" if result.is_changed else "unchanged"
        return shown | {"status": status, "revision": result.record.rule.revision, "problem": None}

    def _problem(self, place: int, problem: Problem) -> dict[str, Any]:
        code = problem.code
        shown: dict[str, Any] = {
            "code": code.word,
            "title": code.title(self._language),
            "status": code.status,
            "detail": problem.detail(self._language),
        }
        if problem.errors:
            shown["errors"] = [
                {"pointer": each.pointer, "code": each.code.word, "detail": each.detail(self._language)}
                for each in self._read[place].errors(problem, place)[:MAX_ERRORS]
            ]
        return shown


def routes(deps: V2Deps) -> APIRouter:
    """Return the operation of batches."""
    router = APIRouter(route_class=V2Route, tags=["forwarding"])

    @router.post(
        "/v2/forwarding:batch",
        response_model=BatchOut,
        **operation(
            "forwarding.batch",
            "Set the rules of many numbers",
            description="Each change has a number and either `forwarding`, a whole rule, or `patch`, a merge patch. "
            "With `atomic` all are made in one transaction, judged as they are going to be together, or none is: 422 "
            "says why. Without, each is made for itself, and the answer says how it ended; a request that was "
            "interrupted goes on where it was when it is sent again with its `Idempotency-Key`.",
            example=Example(
                "/v2/forwarding:batch",
                body={
                    "atomic": True,
                    "changes": [
                        {"number": "+33199001234", "forwarding": RULE},
                        {"number": "+33261910123", "patch": {"ring_timeout_s": 60}},
                    ],
                },
                answer={
                    "atomic": True,
                    "dry_run": False,
                    "changed": 1,
                    "unchanged": 1,
                    "refused": 0,
                    "results": [
                        {"number": "+33199001234", "status": "changed", "revision": 1, "problem": None},
                        {"number": "+33261910123", "status": "unchanged", "revision": 0, "problem": None},
                    ],
                },
            ),
            errors=[
                ProblemCode.BATCH_REFUSED,
                ProblemCode.POLICY_UNREADABLE,
                ProblemCode.BATCH_INTERRUPTED,
                ProblemCode.PRECONDITION_FAILED,
            ],
            body_bytes=BODY_BYTES,
            versioned=False,
        ),
    )
    async def batch(
        who: Annotated[Principal, requires("forwarding:write")],
        body: BatchIn,
        once: Idempotent,
        request: Request,
        dry_run: DryRun = False,
    ) -> Response:
        language = language_of(context_of(request.scope), deps.shared.language)
        dates = HolidayDates(deps.shared.holidays, deps.clock.now_ms())
        made = _Batch(dates, who, language, await read_changes(body.changes, dates))

        def render(results: Shown) -> Response:
            counts = {status: sum(each["status"] == status for each in results) for status in _STATUSES}
            shown = {"atomic": body.atomic, "dry_run": dry_run, **counts, "results": results}
            headers = {"Content-Language": language, "Vary": "Accept-Language"}
            return Response(msgspec.json.encode(shown), 200, headers, media_type="application/json")

        if not body.atomic:
            return render(await made.each(deps.store, once, dry_run=dry_run))
        if dry_run:
            return render(await made.try_all(deps.store))
        return await made.all_or_nothing(once, render)

    return router
