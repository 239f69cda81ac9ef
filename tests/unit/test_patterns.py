"""No regular expression of ours takes more than linear time, whatever the text: strangers write what they read."""

import ast
import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import renvoi
from tests.support.backtracking import NotUnderstood, ways

SEARCHING = {"search", "sub", "subn", "finditer", "findall", "split"}
AT_ONE_PLACE = {"match", "fullmatch"}
READING = SEARCHING | AT_ONE_PLACE
ONLY_AT_ONE_PLACE = {
    "renvoi.edge.router.challenges._PARTY",
    "renvoi.edge.router.header_forms._FOLDED_FORMS",
    "renvoi.edge.router.header_forms._FORMS",
    "renvoi.edge.router.challenges._PLAIN",
    "renvoi.edge.router.malformed._FORMS",
    "renvoi.edge.router.postgres_session._FORMS",
    "renvoi.http.dashboard.webhook_deliveries._PATTERNS",
    "renvoi.configuration.setting_types._NUMBER",
}
"""Patterns that are used under other names: those of tables, and an argument."""

BOUNDED = {
    "renvoi.adapters.mail.smtp_errors._OF_RECIPIENT": "40 characters, in what the operator's mail server says",
    "renvoi.adapters.mail.smtp_errors._OF_SIZE": "30 characters twice, in what the operator's mail server says",
    "renvoi.http.dashboard.webhook_deliveries._PATTERNS": "in what our own sender noted, two arguments at most",
    "renvoi.node.checks.test_call._MARK": "in what our own SIPp wrote of one call",
}
"""What is allowed all the same, and why."""

MADE_AS_IT_RUNS = {"renvoi.domain.numbers.numbering_plan": "libphonenumber's own, of at most 17 digits"}
"""Modules with patterns that are made in functions, and why they may."""

Found = tuple[str, re.Pattern[Any], bool]


def modules() -> Iterator[tuple[str, Path]]:
    """Return name and source of each module that works with regular expressions."""
    for found in pkgutil.walk_packages(renvoi.__path__, "renvoi."):
        origin = importlib.util.find_spec(found.name)
        if origin is not None and origin.origin is not None and "import re\n" in Path(origin.origin).read_text("utf-8"):
            yield found.name, Path(origin.origin)


def patterns(name: str, source: Path) -> Iterator[Found]:
    """Return the patterns of a module, and whether they are looked for anywhere in a text."""
    module, tree = importlib.import_module(name), ast.parse(source.read_text("utf-8"))
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    for variable, values in made_in(module, tree):
        place = f"{name}.{variable}"
        used = {
            each.attr for each in attributes if isinstance(each.value, ast.Name) and each.value.id == variable
        } & READING
        searched = place not in ONLY_AT_ONE_PLACE and (not used or bool(used & SEARCHING))
        yield from ((place, value, searched) for value in values)
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=how), args=[ast.Constant(value=text), *_]):
                if how in READING:
                    yield f"{name}:{call.lineno}", re.compile(text), how in SEARCHING


def made_in(module: ModuleType, tree: ast.Module) -> Iterator[tuple[str, list[re.Pattern[Any]]]]:
    """Return the variables of a module that hold patterns."""
    stored = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    for variable in dict.fromkeys(node.id for node in stored):
        value = getattr(module, variable, None)
        values = list(value.values()) if isinstance(value, dict) else [value]
        if held := [each for each in values if isinstance(each, re.Pattern)]:
            yield variable, held


def test_all_patterns_are_read_in_a_bounded_number_of_ways() -> None:
    found = [each for name, source in modules() for each in patterns(name, source)]
    # Those of the edge, the domain, the voicemail, the mailer and the API.
    assert len(found) > 60
    unbounded = {place: some for place, pattern, searched in found if (some := ways(pattern, searched=searched))}
    assert unbounded.keys() == BOUNDED.keys(), unbounded


def test_each_use_of_a_pattern_is_looked_at() -> None:
    """One made in a function of a text that is not a constant would be seen by nobody."""
    for name, source in modules():
        if name in MADE_AS_IT_RUNS:
            continue
        for function in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                for node in ast.walk(function):
                    match node:
                        case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=how), args=[text, *_]):
                            assert how == "escape" or (how in READING and isinstance(text, ast.Constant)), (name, how)


@pytest.mark.parametrize(
    ("pattern", "searched"),
    [
        (r"(a+)+$", False),
        (r"(a*)*b", False),
        (r"(a?b?)*c", False),
        (r"a*a*b", False),
        (r"a*b?a*c", False),
        (r"x(a|ab|b)*", False),
        (r"([0-9]+\.?)*", False),
        (r"\s+$", True),
        (r"a{1,300}b", True),
        # The line feed fails behind both.
        (r"[ \t]*(.*)", False),
        # Each quotation mark may begin one.
        (r'"[^"\\]*(?:\\.[^"\\]*)*"', True),
        (r"a*(?=[ab])[ab]*c", False),
        # The To header as it was once read.
        (r'[ \t]*(?:[^<>"]*<[^<>"]*>|[^<>",]*(?=;|$))', False),
    ],
)
def test_more_than_linear_time_is_found(pattern: str, searched: bool) -> None:
    assert ways(re.compile(pattern), searched=searched)


@pytest.mark.parametrize(
    ("pattern", "searched"),
    [
        # Atomic is the whole, and what is inside gives back.
        (r"(?>a*a*b)", False),
        (r"(?>(?:a*)*)b", False),
        (r"(?!a*a*b{17})a", False),
        (r"a*+a*+b", True),
    ],
)
def test_what_may_give_something_back_is_refused(pattern: str, searched: bool) -> None:
    with pytest.raises(NotUnderstood):
        ways(re.compile(pattern), searched=searched)


@pytest.mark.parametrize(
    ("pattern", "searched"),
    [
        (r"\s+$", False),
        (r"(?s)[ \t]*(.*)", False),
        (r"(?:ab)*a*c", False),
        (r"(?:a|b)*abb", False),
        (r"[0-9]+(?:\.[0-9]+)*", False),
        (r'"[^"\\]*(?:\\.[^"\\]*)*"', False),
        (r";\s*lr(?=[\s;=>?]|$)", True),
        (r"a*(?=b)[ab]*c", False),
        (r"[0-9]+", True),
        # What gives nothing back.
        (r"a*+a*+b", False),
        (r"(?>(?:a++b)*)[ \t]*+(?![ \t]++,)x", False),
        (r"(?>a++|(?>(?:b{1,9})*))c", False),
    ],
)
def test_linear_time_is_found(pattern: str, searched: bool) -> None:
    assert ways(re.compile(pattern), searched=searched) is None


def test_what_is_not_understood_is_no_success() -> None:
    with pytest.raises(NotUnderstood):
        ways(re.compile(r"(a*)\1"), searched=False)
