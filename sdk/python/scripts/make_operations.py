"""Writes `models.py` and `_async/operations.py` from the description of the API, then the synchronous client.

`python sdk/python/scripts/make_operations.py openapi.json`: with what a server answers to `GET /openapi.json`.
"""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import make_sync

PACKAGE = Path(__file__).parents[1] / "src" / "renvoi_client"
WIDTH = 112
NOTE = "# Made of the API's description by scripts/make_operations.py: change that.\n"
BY_HAND = {"events.stream"}
"""Operations that `_async/client.py` and its helpers have by hand."""
TIMES = {"since", "until", "at"}
"""Parameters that are times."""
OPERATIONS_HEAD = """
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from renvoi_client import models
from renvoi_client._async.paging import AsyncPages
from renvoi_client._async.transport import AsyncTransport
from renvoi_client._request import Spec, given, part, sent


"""
MODELS_HEAD = """
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Versioned(msgspec.Struct, frozen=True, kw_only=True):
    \"\"\"What is answered with its version.\"\"\"

    etag: str = ""
    \"\"\"The version that was read, for `if_match`; empty for what is an item of a list.\"\"\"


class Page(Versioned, Generic[T], frozen=True, kw_only=True):
    \"\"\"One page of a list; `next_cursor` is None on the last one.\"\"\"

    data: list[T]
    next_cursor: str | None


"""
Schema = Mapping[str, Any]


def class_name(schema: str) -> str:
    """Return what a schema is called here: `NumberOut` is a `Number`."""
    name = re.sub(r"[^A-Za-z0-9]", "", schema)
    return name.removesuffix("Out") or name


def safe(name: str) -> str:
    """Return a name that Python allows."""
    name = re.sub(r"\W", "_", name)
    return f"{name}_" if keyword.iskeyword(name) or name in ("self", "cls") else name


class Description:
    """The description, with its references followed."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._words = {name for name, schema in document["components"]["schemas"].items() if "enum" in schema}
        self.document = self._plain(document)
        self.schemas: Mapping[str, Schema] = self.document["components"]["schemas"]

    def _plain(self, schema: Any) -> Any:
        """Return the same with plain texts where it refers to some words: a newer server may have more of them."""
        if isinstance(schema, list):
            return [self._plain(each) for each in schema]
        if isinstance(schema, dict):
            if self.name_of(schema) in self._words:
                return {**schema, "$ref": None, "type": "string"}
            return {name: self._plain(each) for name, each in schema.items()}
        return schema

    def operations(self) -> Iterator[tuple[str, str, Schema]]:
        """Yield method, path and operation of each."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    def reached(self, schema: Any, into: dict[str, None]) -> dict[str, None]:
        """Return the names of the schemas that one refers to, in order."""
        if isinstance(schema, list):
            for each in schema:
                self.reached(each, into)
        elif isinstance(schema, dict):
            name = self.name_of(schema)
            if name is not None and name not in into:
                into[name] = None
                self.reached(self.schemas[name], into)
            for key, each in schema.items():
                if key not in ("examples", "example", "default", "enum"):
                    self.reached(each, into)
        return into

    @staticmethod
    def name_of(schema: Any) -> str | None:
        """Return the name that a reference has."""
        ref = schema.get("$ref") if isinstance(schema, Mapping) else None
        return ref.rpartition("/")[2] if isinstance(ref, str) else None

    def body_of(self, operation: Schema) -> tuple[str, Schema] | None:
        """Return content type and schema of a body; JSON comes first."""
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return None
        for kind in ("application/json", "application/merge-patch+json", *content):
            if kind in content:
                return kind, content[kind].get("schema", {})
        return None

    @staticmethod
    def answer_of(operation: Schema) -> tuple[str, Schema] | None:
        """Return content type and schema of the answer to a success; None for one without content."""
        for status in ("200", "201"):
            content = operation["responses"].get(status, {}).get("content", {})
            for kind, each in content.items():
                return kind, each.get("schema", {})
        return None

    @staticmethod
    def is_versioned(operation: Schema) -> bool:
        """Tell whether the answer to a success has an `ETag`."""
        return any("ETag" in operation["responses"].get(status, {}).get("headers", {}) for status in ("200", "201"))


def type_of(schema: Schema, *, sent: bool) -> str:
    """Return the annotation of a schema; `sent` in a request, where lists may be of any kind."""
    name = Description.name_of(schema)
    if name is not None:
        return f"models.{class_name(name)}"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            kinds = list(dict.fromkeys(type_of(each, sent=sent) for each in schema[key]))
            if sum(kind.startswith("models.") for kind in kinds) > 1:
                # Which one it is stands in a field of it: the caller looks there.
                kinds = ["dict[str, Any]", *(kind for kind in kinds if kind == "None")]
            return " | ".join(sorted(kinds, key=lambda kind: kind == "None"))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(type_of({**schema, "type": each}, sent=sent) for each in kind)
    if kind == "array":
        inner = type_of(schema.get("items", {}), sent=sent)
        return f"Sequence[{inner}]" if sent else f"list[{inner}]"
    if kind == "string":
        return "datetime" if schema.get("format") == "date-time" and not sent else "str"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"dict[str, {type_of(schema['additionalProperties'], sent=sent)}]"
    simple = {"integer": "int", "number": "float", "boolean": "bool", "null": "None", "object": "dict[str, Any]"}
    return simple.get(str(kind), "Any")


def doc(text: str, indent: str) -> str:
    """Return a docstring."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    if not text:
        return ""
    if len(text) <= WIDTH - len(indent) - 6:
        return f'{indent}"""{text}"""\n'
    first, _, rest = text.partition(". ")
    lines = [f"{first.rstrip('.')}."]
    if len(lines[0]) > WIDTH - len(indent) - 3:
        lines = textwrap.wrap(text, WIDTH - len(indent))
        rest = ""
    if rest:
        lines += ["", *textwrap.wrap(rest, WIDTH - len(indent))]
    body = "\n".join(f"{indent}{line}".rstrip() for line in lines[1:])
    return f'{indent}"""{lines[0]}\n{body}\n{indent}"""\n'


def model(name: str, schema: Schema, *, answered: bool, versioned: bool) -> str:
    """Return the class of a schema."""
    base = "Versioned" if versioned else "msgspec.Struct"
    head = f"class {class_name(name)}({base}, frozen=True, kw_only=True"
    required = schema.get("required", ())
    text = doc(schema.get("description", ""), "    ")
    for field, each in schema.get("properties", {}).items():
        kind = type_of(each, sent=not answered).replace("models.", "")
        known = safe(field)
        told = f'name="{field}"' if known != field else ""
        if field in required:
            value = f" = msgspec.field({told})" if told else ""
        else:
            kind = f"{kind} | msgspec.UnsetType"
            value = f" = msgspec.field({', '.join(filter(None, ('default=msgspec.UNSET', told)))})" if told else ""
            value = value or " = msgspec.UNSET"
        text += f"    {known}: {kind}{value}\n"
        text += doc(each.get("description", ""), "    ")
    return f"{head}):\n{text or '    pass' + chr(10)}"


_ACCOUNT = {"$ref": "#/components/parameters/account"}
"""Among the parameters of an operation that an operator's key may name an account for."""
_IF_MATCH = {"$ref": "#/components/parameters/if_match"}
"""Among those of an operation that compares the present version: the others refuse the header."""


class Method:
    """The method of one operation, while it is written."""

    def __init__(self, api: Description, method: str, path: str, operation: Schema) -> None:
        self._api = api
        self._method = method
        self._url = path
        self._operation = operation
        self._answer = api.answer_of(operation)
        self._positional: list[str] = []
        self._named: list[str] = []
        self._spec: list[str] = []
        self._headers: list[str] = []
        self._add_parameters()
        self._add_body()
        if _IF_MATCH in operation.get("parameters", ()):
            self._named.append("if_match: str | None = None")
            self._headers.append('"If-Match": if_match')
        if method != "GET":
            self._named.append("idempotency_key: str | None = None")
            self._headers.append('"Idempotency-Key": idempotency_key')
        if self._headers:
            self._spec.append(f"headers=sent({{{', '.join(self._headers)}}})")
        if _ACCOUNT not in operation.get("parameters", ()):
            self._spec.append("takes_account=False")

    @property
    def _is_list(self) -> bool:
        return self._answer is not None and (Description.name_of(self._answer[1]) or "").startswith("Page_")

    def _add_parameters(self) -> None:
        queries = []
        for each in self._operation.get("parameters", ()):
            place, name = each.get("in"), each.get("name", "")
            if place == "path":
                self._positional.append(f"{safe(name)}: str")
                self._url = self._url.replace("{" + name + "}", "{part(" + safe(name) + ")}")
            elif place == "query" and not (self._is_list and name == "cursor"):
                kind = type_of(each.get("schema", {}), sent=True).removesuffix(" | None")
                kind = f"{kind} | datetime" if name in TIMES else kind
                optional = "" if each.get("required") else " | None = None"
                self._named.append(f"{safe(name)}: {kind}{optional}")
                queries.append(f'"{name}": {safe(name)}')
        if queries:
            self._spec.append(f"query={{{', '.join(queries)}}}")

    def _add_body(self) -> None:
        body = self._api.body_of(self._operation)
        if body is None:
            return
        content_type, schema = body
        if not content_type.endswith("json"):
            self._named += ["content: bytes", f'content_type: str = "{content_type}"']
            self._spec.append("content=content")
            self._headers.append('"Content-Type": content_type')
            return
        whole = self._api.schemas.get(Description.name_of(schema) or "", schema)
        fields = []
        for field, each in whole.get("properties", {}).items():
            name, kind = self._free(safe(field)), type_of(each, sent=True)
            optional = "" if field in whole.get("required", ()) else " | msgspec.UnsetType = msgspec.UNSET"
            self._named.append(f"{name}: {kind}{optional}")
            fields.append(f'"{field}": {name}')
        self._spec.append(f"body=given({{{', '.join(fields)}}})")
        if content_type != "application/json":
            self._headers.append(f'"Content-Type": "{content_type}"')

    def _free(self, name: str) -> str:
        """Return a name that no parameter has yet."""
        taken = any(each.startswith(f"{name}:") for each in (*self._positional, *self._named))
        return f"{name}_" if taken else name

    def code(self) -> str:
        """Return its source."""
        operation = self._operation
        name = safe(operation["operationId"].rpartition(".")[2])
        arguments = ", ".join(["self", *self._positional, *(["*", *self._named] if self._named else [])])
        text = doc(f"{operation.get('summary', '').rstrip('.')}. {operation.get('description', '')}", " " * 8)
        if self._is_list:
            assert self._answer is not None
            page = self._api.schemas[Description.name_of(self._answer[1]) or ""]
            item = type_of(page["properties"]["data"]["items"], sent=False)
            made = f"AsyncPages(self._transport, {self._made(f'models.Page[{item}]')})"
            return f"    def {name}({arguments}) -> AsyncPages[{item}]:\n{text}        return {made}\n"
        kind, run = "None", "await self._transport.run"
        if self._answer is not None:
            is_json = self._answer[0] == "application/json"
            kind = type_of(self._answer[1], sent=False) if is_json else "bytes"
            run = f"return {run}" if is_json else f"return {run}_bytes"
        made = self._made("None" if kind == "bytes" else kind)
        return f"    async def {name}({arguments}) -> {kind}:\n{text}        {run}({made})\n"

    def _made(self, answers: str) -> str:
        url = f'f"{self._url}"' if "{" in self._url else f'"{self._url}"'
        parts = [f'"{self._method}"', url, answers, *self._spec]
        return f"Spec({', '.join(parts)})"


def group_name(group: str) -> str:
    """Return the class of a group of operations, such as `admin.accounts`."""
    return "Async" + "".join(word.capitalize() for word in re.split(r"[._]", group)) + "Api" if group else "AsyncApi"


def operations_module(api: Description) -> str:
    """Return the module of all operations."""
    groups: dict[str, list[str]] = {"": []}
    for method, path, operation in api.operations():
        group = operation["operationId"].rpartition(".")[0]
        for place in range(len(group.split("."))):
            groups.setdefault(".".join(group.split(".")[: place + 1]), [])
        if operation["operationId"] not in BY_HAND:
            groups[group].append(Method(api, method, path, operation).code())
    classes = []
    for group in sorted(groups, key=lambda each: -len(each.split(".")) if each else 0):
        inner = [each for each in groups if each and each.rpartition(".")[0] == group]
        text = f"class {group_name(group)}:\n"
        text += f'    """{f"Operations `{group}`" if group else "All operations, by their groups"}."""\n\n'
        text += "    def __init__(self, transport: AsyncTransport) -> None:\n        self._transport = transport\n"
        text += "".join(
            f"        self.{safe(each.rpartition('.')[2])} = {group_name(each)}(transport)\n" for each in inner
        )
        classes.append(text + "".join("\n" + each for each in groups[group]))
    title = '"""The operations of the API, by the names in its description."""\n'
    return NOTE + title + OPERATIONS_HEAD + "\n\n".join(classes)


def models_module(api: Description) -> str:
    """Return the module of all models."""
    answered: dict[str, None] = {}
    sent: dict[str, None] = {}
    versioned: set[str | None] = set()
    for _, _, operation in api.operations():
        answer, body = api.answer_of(operation), api.body_of(operation)
        if answer is not None:
            api.reached(answer[1], answered)
            if api.is_versioned(operation):
                versioned.add(api.name_of(answer[1]))
        if body is not None:
            whole = api.schemas.get(Description.name_of(body[1]) or "", body[1])
            api.reached(whole.get("properties", {}), sent)
    wanted = {name: name in answered for name in (*answered, *sent) if not name.startswith("Page_")}
    classes = [
        model(name, api.schemas[name], answered=is_answer, versioned=name in versioned)
        for name, is_answer in sorted(wanted.items())
    ]
    title = '"""What the API takes and answers, as typed objects; unknown fields are passed over."""\n'
    return NOTE + title + MODELS_HEAD + "\n\n".join(classes)


def modules(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the source of the modules that follow from a description, by their names."""
    api = Description(document)
    found = {"models.py": models_module(api), "_async/operations.py": operations_module(api)}
    return {name: _formatted(name, text) for name, text in found.items()}


def _formatted(name: str, text: str) -> str:
    words = [sys.executable, "-m", "ruff", "format", "--stdin-filename", name, "-"]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout


def write(document: Mapping[str, Any]) -> None:
    """Write these modules, and the synchronous client."""
    for name, text in modules(document).items():
        (PACKAGE / name).write_text(text, "utf-8")
    make_sync.main()


if __name__ == "__main__":
    write(json.loads(Path(sys.argv[1]).read_text("utf-8")))
