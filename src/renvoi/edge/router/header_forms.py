"""The headers that Kamailio reads before it routes a message: what it cannot read of one costs the whole message.

Each form takes what RFC 3261 allows and Kamailio reads (tried value by value with 5.6; the tests run with 6.0, too).
They differ: Kamailio reads no escapes in quoted values of parameters, and folds in some places only. Every part of a
form is possessive: a value is read in one way, in steps that grow with its length. With more than one way 20 kB of
spaces took seconds.
"""

import re

MOST_ELEMENTS = 64
"""Parameters of a value, and values of one Via. Kamailio keeps each in memory of which a process has little: a message
with thousands is dropped."""
MOST_VIAS = 256
"""Of a message, as Max-Forwards lets it pass no more proxies (RFC 3261 §20.22)."""
NAME_CHARACTER = "[A-Za-z0-9!%*_+`'~.-]"
_SPACE = r"[ \t]*+"
_VALUE = r'[^ \t\r\n;,="\\<>\0]++'
_PARAMETER_NAME = r'[^ \t\r\n;,="\\<>()\0]++'


# Python before 3.11.5 loses its place where a group fails under a possessive quantifier (gh-106052): `*+` and `?+`
# stand behind single characters only.
def _any(form: str) -> str:
    return f"(?>(?:{form})*)"


def _some(form: str) -> str:
    return f"(?>(?:{form}){{0,{MOST_ELEMENTS}}})"


def _maybe(form: str) -> str:
    return f"(?>(?:{form})?)"


_QUOTED = '"' + _any(r'[^"\\\r\n\0]|\\[^\r\n\0]') + '"'
_QUOTED_VALUE = r'"[^"\\\r\n\0]*+"'
_FOLD = _any(r"[ \t]|\r?\n[ \t]")
_ASSIGNED = rf"{_SPACE}={_SPACE}(?>{_VALUE}|{_QUOTED_VALUE}|(?!,))"
"""A value may be empty, but not before the next element of a list."""


def _name_addr(space: str) -> str:
    parameter = rf"{space};{space}{_PARAMETER_NAME}{_maybe(_ASSIGNED)}"
    # Commas stand in names that somebody forgot to quote.
    display = rf'(?>{_QUOTED}|[^<>";\\\r\n\0]*+){space}'
    bracketed = rf'{display}<{_SPACE}[^<>"\\ \t\r\n\0]++{_SPACE}>'
    return rf'{space}(?>{bracketed}|[^<>",;\\ \t\r\n\0]++){_some(parameter)}{space}'


def _via() -> str:
    # Kamailio reads no beginning of "alias" as a name of its own.
    needs_value = rf"(?!(?:branch|received|maddr|ttl|i|al|ali|alia){_SPACE}=?+{_SPACE}(?:[;,\r\n]|$))"
    has_none = rf"(?!(?:a|alias|hidden){_SPACE}=)"
    # Kamailio takes no space between the name of a parameter and a comma.
    parameter = rf"{_SPACE};{_SPACE}{needs_value}{has_none}{_PARAMETER_NAME}(?>{_ASSIGNED}|(?![ \t]++,))"
    host = r'(?>\[[0-9A-Za-z:.%_-]++\]|[^ \t\r\n;,:\[\]()"<>\\\0]++)'
    port = _maybe(rf"{_SPACE}:{_SPACE}[0-9]{{1,5}}(?![^ \t\r\n;,])")
    # RFC 2543 had comments there.
    comment = rf"{_SPACE}\([^()\\\r\n\0]*+\)"
    transport = rf"SIP{_SPACE}/{_SPACE}2\.0{_SPACE}/{_SPACE}[a-z0-9-]++[ \t]++"
    one = rf"{_SPACE}{transport}{host}{port}(?>{comment}|{_some(parameter)})"
    return rf"(?i:{one}{_some(rf'{_SPACE},{one}')}{_SPACE})"


TO = _name_addr(_SPACE)
"""From and To, without folds."""
VIA = _via()
SEQUENCE = rf"{_SPACE}[0-9]{{1,10}}[ \t]++{NAME_CHARACTER}++{_SPACE}"
DIGITS = r"[ \t]*+[0-9]{1,9}[ \t]*+"
_RETRY_AFTER = r"[ \t]*+[0-9]{1,10}(?![^ \t;(\r\n])(?s:.*+)"

_FORMS = {
    name: re.compile(form)
    for name, form in (
        (b"via", VIA),
        (b"from", TO),
        (b"content-length", DIGITS),
        (b"retry-after", _RETRY_AFTER),
    )
}
_FOLDED_FORMS = {
    name: re.compile(form) for name, form in ((b"to", _name_addr(_FOLD)), (b"cseq", _maybe(r"\r?\n[ \t]") + SEQUENCE))
}
"""Of headers in which Kamailio does not read a fold everywhere."""


def has_form(name: bytes, value: bytes, folded: bytes) -> bool:
    """Tell whether Kamailio reads a header; `folded` is `value` as it came, with its folds."""
    if (form := _FORMS.get(name)) is not None:
        return form.fullmatch(value.decode("latin-1")) is not None
    if (form := _FOLDED_FORMS.get(name)) is not None:
        return form.fullmatch(folded.decode("latin-1")) is not None
    return True
