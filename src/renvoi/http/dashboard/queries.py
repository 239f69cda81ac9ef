"""What the address of a list asks for, read strictly: a parameter that cannot be is none, and the page says why."""

from collections.abc import Collection

from starlette.datastructures import QueryParams

from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, invalid
from renvoi.domain.text import REPLACEMENT, is_storable
from renvoi.http.v2.pages import CursorParts, decode_cursor

MOST = 200
"""Characters of a parameter, unless its page says otherwise: more than any thing that is looked for."""
_MOST_CURSOR = 1000


class Query:
    """The parameters of one request. What is wrong with those that were read gathers in `wrong`."""

    def __init__(self, parameters: QueryParams) -> None:
        self._parameters = parameters
        self.wrong: list[FieldError] = []
        self.refusal: Problem | None = None
        """Why the list cannot go on where the cursor says."""

    def text(self, name: str, default: str = "", most: int = MOST) -> str:
        """Return a parameter without spaces around it; `default` if it is not there, empty if it is wrong."""
        found = self._parameters.getlist(name)
        if not found:
            return default
        text = found[0].strip()
        if len(found) > 1:
            return self._refuse(name, FieldCode.REPEATED)
        if len(text) > most:
            return self._refuse(name, FieldCode.TOO_LONG, most=most)
        if self._is_bad(text):
            return self._refuse(name, FieldCode.BAD_CHARACTER)
        return text

    def texts(self, name: str, most: int) -> list[str]:
        """Return a parameter that may be given `most` times; none of them if one is wrong, or there are more."""
        found = [each.strip() for each in self._parameters.getlist(name)]
        if len(found) > most:
            self._refuse(name, FieldCode.TOO_MANY, most=most)
            return []
        for text in found:
            if self._is_bad(text) or len(text) > MOST:
                self._refuse(name, FieldCode.TOO_LONG if len(text) > MOST else FieldCode.BAD_CHARACTER, most=MOST)
                return []
        return found

    def choice(self, name: str, allowed: Collection[str], default: str = "") -> str:
        """Return a parameter that is one of `allowed`; `default` if it is not there or wrong, or empty."""
        text = self.text(name)
        if text and text not in allowed:
            self._refuse(name, FieldCode.NOT_ALLOWED, allowed=", ".join(filter(None, allowed)))
        return text if text in allowed and text else default

    def cursor(self) -> CursorParts:
        """Return what the cursor says; nothing if there is none, or it is none of ours."""
        text = self.text("cursor", most=_MOST_CURSOR)
        try:
            return decode_cursor(text) if text else ()
        except Problem as problem:
            self.refusal = problem
            return ()

    def problem(self) -> Problem | None:
        """Return what is wrong with the parameters that were read so far."""
        return invalid(*self.wrong) if self.wrong else self.refusal

    @staticmethod
    def _is_bad(text: str) -> bool:
        # The latter stands where bytes were not text.
        return not is_storable(text) or REPLACEMENT in text

    def _refuse(self, name: str, code: FieldCode, **args: object) -> str:
        error = FieldError(f"?{name}", code, args)
        if error not in self.wrong:
            self.wrong.append(error)
        return ""
