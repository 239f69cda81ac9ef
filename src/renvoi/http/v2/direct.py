"""Calls a handler with what it asks for, where that is at hand: FastAPI's own way to it costs more than the handler."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_type_hints

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import SkipValidation
from starlette.requests import Request
from starlette.responses import Response

from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import invalid


class Direct:
    """A handler that takes parts of the path, the request, what hangs on the request alone, and an unchecked body."""

    def __init__(self, route: APIRoute) -> None:
        found = route.dependant
        self._handler: Callable[..., Awaitable[Response]] = route.endpoint
        self._path = [(field.name, field.alias) for field in found.path_params]
        self._dependencies = [(each.name, each.call, each.request_param_name) for each in found.dependencies]
        self._request = found.request_param_name
        self._body = found.body_params[0].name if found.body_params else None
        self._defaults = {field.name: field.get_default() for field in found.query_params}

    async def answer(self, request: Request, value: Any) -> Response:
        """Run the handler for a request without a query, whose body is `value`.

        Raises:
            Problem: there is no body, and it wants one.
        """
        given: dict[str, Any] = dict(self._defaults)
        path: Mapping[str, Any] = request.scope["path_params"]
        for name, alias in self._path:
            given[name] = path[alias]
        for depended, call, parameter in self._dependencies:
            assert depended is not None
            assert call is not None
            made = call(**{parameter: request}) if parameter is not None else call()
            given[depended] = await made if inspect.iscoroutine(made) else made
        if self._request is not None:
            given[self._request] = request
        if self._body is not None:
            if value is None:
                raise invalid(FieldError("", FieldCode.MISSING))
            given[self._body] = value
        return await self._handler(**given)


def direct_of(route: APIRoute) -> Direct | None:
    """Return how the handler of `route` is called directly; None where FastAPI has to do something for it."""
    found = route.dependant
    bodies = found.body_params
    is_simple = (
        _asks_little(found)
        and all(not field.field_info.metadata and field.field_info.annotation is str for field in found.path_params)
        and all(not field.field_info.is_required() for field in found.query_params)
        and all(_hangs_on_the_request(each) for each in found.dependencies)
        and len(bodies) <= 1
        and all(any(type(each) is SkipValidation for each in field.field_info.metadata) for field in bodies)
        and get_type_hints(inspect.unwrap(route.endpoint)).get("return") is Response
    )
    return Direct(route) if is_simple else None


def _asks_little(found: Dependant) -> bool:
    """Tell whether a function asks for nothing that FastAPI makes for it."""
    return not (
        found.header_params
        or found.cookie_params
        or found.http_connection_param_name
        or found.response_param_name
        or found.background_tasks_param_name
        or found.security_scopes_param_name
    )


def _hangs_on_the_request(found: Dependant) -> bool:
    others = (found.dependencies, found.path_params, found.query_params, found.body_params)
    is_generator = inspect.isasyncgenfunction(found.call) or inspect.isgeneratorfunction(found.call)
    return _asks_little(found) and not any(others) and not is_generator
