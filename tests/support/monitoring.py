"""The dashboard and the alerts in contrib/, and which measurements they are about."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "contrib" / "prometheus" / "renvoi.rules.yml"
DASHBOARD = ROOT / "contrib" / "grafana" / "renvoi.json"

_NAME = re.compile(r"renvoi_[a-z0-9_]+")
_LABELLED = re.compile(r"(renvoi_[a-z0-9_]+)\{([^}]*)\}")
_OF_A_NODE = frozenset({"job", "instance", "le"})
"""Labels that Prometheus adds, and the one of a histogram's buckets."""


def alerts() -> list[dict[str, Any]]:
    """Return the alerts, in the order of the file."""
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions(file: Path) -> Iterator[str]:
    """Yield each expression of the dashboard or the rules."""
    found = yaml.safe_load(file.read_text("utf-8")) if file == RULES else json.loads(file.read_text("utf-8"))
    yield from _expressions(found)


def _expressions(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _expressions(each)
    elif isinstance(node, dict):
        for name, each in node.items():
            if name == "expr":
                yield each
            else:
                yield from _expressions(each)


def watched() -> set[str]:
    """Return the names of all measurements of ours that an alert or a panel is about."""
    return {name for file in (RULES, DASHBOARD) for text in expressions(file) for name in _NAME.findall(text)}


def labels_of_watched() -> dict[str, set[str]]:
    """Return by which labels of ours an alert or a panel chooses series, by the name of the measurement."""
    found: dict[str, set[str]] = {}
    for file in (RULES, DASHBOARD):
        for text in expressions(file):
            for name, chosen in _LABELLED.findall(text):
                found.setdefault(name, set()).update(re.findall(r"(\w+)(?==|!=|=~|!~)[=!~]", chosen))
    return {name: labels - _OF_A_NODE for name, labels in found.items()}


def measured(exposition: str) -> dict[str, set[str]]:
    """Return the names of all measurements in a text of `/metrics`, with the labels that their series have there."""
    found: dict[str, set[str]] = {}
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", exposition, re.MULTILINE):
        for suffix in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + suffix] = set()
    for name, labels in re.findall(r"^([a-z0-9_]+)\{(.*)\} \S+$", exposition, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found
