"""Requests made from the description of `/v2`, right and wrong ones: no answer is a fault, none is undocumented.

With a key that may do everything, without a key, and with keys of one scope each. The seed is in the test, so a finding
is found again; `./test --hostile-seed` gives another one.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.access.rights import OPERATOR_SCOPES
from renvoi.domain.text import strip_invisible
from renvoi.http.deps import Limits
from renvoi.http.v2.route import V2Route
from tests.support.http_api import KEY
from tests.support.trunk_control import SupervisorsControl
from tests.support.v2_api import OPERATOR_KEY, V2Api
from tests.support.v2_examples import GIVEN

SEED = int(os.environ.get("RENVOI_TEST_SEED", "20261129"))
EXAMPLES_PER_MODE = 10
ANSWERS_FOR_EACH = {"forwarding.batch"}
"""Operations that carry out what is right of a request, and say of the rest what is wrong."""
EXAMPLES_PER_SCOPE = 1
REFUSED_UNSEEN = (412, 413)
"""For its If-Match, or for its size, before anybody looked at the rest."""


def operations() -> list[V2Route]:
    return V2Api().v2.operations()


def headers_of(key: ApiKey | None) -> dict[str, str]:
    return {} if key is None else {"Authorization": f"Bearer {key.reveal()}"}


def known_parameters(route: V2Route) -> Mapping[str, Any]:
    """Return what stands in the path of its example, which names what there is."""
    found = route.path_regex.match(route.declared.examples[0].path.partition("?")[0])
    assert found is not None
    return found.groupdict()


class Tried:
    """One operation, on a store where its example can be sent."""

    def __init__(self, route: V2Route, directory: Path) -> None:
        # Whoever guesses is refused soon, which would hide what this looks for; a node that seals nothing is as bad.
        self.api = V2Api(limits=Limits(refusals_per_address_per_s=0), trunks=SupervisorsControl(directory))
        GIVEN[route.declared.examples[0].given](self.api)
        self.everything = self.api.add_key(OPERATOR_KEY) if route.scope_needed == "operator" else KEY
        self.api.share_operations()
        schema = schemathesis.openapi.from_asgi("/openapi.json", self.api.app)
        assert isinstance(schema, OpenApiSchema)
        self.operation = schema[route.path_format][next(iter(route.methods or ())).upper()]

    def send(self, key: ApiKey | None, mode: GenerationMode, count: int, path: Mapping[str, Any] | None) -> None:
        strategy = self.operation.as_strategy(mode, path_parameters=dict(path) if path else None)

        @hypothesis.seed(SEED)
        @settings(
            max_examples=count,
            database=None,
            phases=[Phase.generate],
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=strategy)
        def each(case: Case[Any]) -> None:
            headers = headers_of(key)
            answer = case.call(headers=headers)
            # A cursor, an address, a time zone: not all that is wrong can be said in a schema.
            excluded: list[Any] = [positive_data_acceptance]
            if answer.status_code in REFUSED_UNSEEN or self.operation.definition.raw["operationId"] in ANSWERS_FOR_EACH:
                # Nobody looked at all of it; or a part of it was refused.
                excluded.append(negative_data_rejection)
            elif any(text != strip_invisible(text) for text in texts_of(case.body)):
                # What nobody sees at the ends of a text is cut off, and counts neither for its length nor its form.
                excluded.append(negative_data_rejection)
            case.validate_response(answer, headers=headers, excluded_checks=excluded)

        each()


def texts_of(value: object) -> Iterator[str]:
    """Yield all texts of a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_of(each)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """Keep thousands of lines of the access log out of the report."""
    with structlog.testing.capture_logs():
        yield


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("route", [pytest.param(each, id=each.name_of_operation) for each in operations()])
def test_every_answer_is_documented_and_none_is_a_fault(route: V2Route, tmp_path: Path) -> None:
    tried = Tried(route, tmp_path)
    path = known_parameters(route)
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        tried.send(tried.everything, mode, EXAMPLES_PER_MODE, path)
        if path:
            tried.send(tried.everything, mode, EXAMPLES_PER_SCOPE, None)
    tried.send(None, GenerationMode.POSITIVE, EXAMPLES_PER_SCOPE, path)
    for place, scope in enumerate(OPERATOR_SCOPES):
        prefix = "op_" if scope == "operator" else ""
        key = tried.api.add_key(ApiKey(f"{prefix}{place:012x}", "s" * 43), scope)
        tried.send(key, GenerationMode.POSITIVE, EXAMPLES_PER_SCOPE, path)


def test_the_whole_description_is_tried() -> None:
    document = V2Api().get("/openapi.json", key=None).json()
    described = {each["operationId"] for item in document["paths"].values() for each in item.values()}
    assert described == {each.name_of_operation for each in operations()}
