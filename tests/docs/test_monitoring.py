"""Alerts and dashboard: promtool takes them, each alert fires and stays quiet as it should, and runbooks exist."""

import json
import re
import subprocess
from typing import Any

import yaml

from tests.support.monitoring import DASHBOARD, ROOT, RULES, alerts, expressions

TESTS = RULES.with_name("renvoi.test.yml")


def promtool(*words: str) -> None:
    done = subprocess.run(["promtool", *words], cwd=RULES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def anchors(text: str) -> set[str]:
    """Return what the headings of a page are linked by, as GitHub and GitLab do."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_promtool_takes_the_rules() -> None:
    promtool("check", "rules", RULES.name)


def test_each_alert_fires_for_its_series_and_for_no_other() -> None:
    tried = {each["name"]: each for each in yaml.safe_load(TESTS.read_text("utf-8"))["tests"]}
    assert list(tried) == [each["alert"] for each in alerts()]
    for name, each in tried.items():
        assert any("good" in series["series"] for series in each["input_series"]), f"{name} has nothing that is well"
        (check,) = each["promql_expr_test"]
        assert f'alertname="{name}"' in check["exp_samples"][0]["labels"]
    promtool("test", "rules", TESTS.name)


def test_each_alert_says_what_is_wrong_and_where_it_says_what_to_do() -> None:
    for each in alerts():
        assert each["labels"]["severity"] in ("page", "ticket")
        notes = each["annotations"]
        assert notes["summary"]
        assert notes["description"].endswith(".")
        page, _, anchor = notes["runbook_url"].partition("#")
        assert anchor in anchors((ROOT / page).read_text("utf-8")), f"{page} has no heading {anchor}"
    page = ROOT / "docs" / "guide" / "alerts.md"
    titles = re.findall(r"^## (.*)$", page.read_text("utf-8"), re.MULTILINE)
    assert titles == [each["alert"] for each in alerts()]


def test_a_panel_has_a_source_a_title_and_a_place_of_its_own() -> None:
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    assert [each["name"] for each in dashboard["__inputs"]] == ["DS_PROMETHEUS"]
    assert [each["name"] for each in dashboard["templating"]["list"]] == ["job", "instance"]
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, f"{panel['title']} lies on another panel"
        assert max(x for x, _ in cells) < 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${DS_PROMETHEUS}"
            assert panel["targets"]
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)


def test_promtool_understands_each_expression_of_the_dashboard(tmp_path: Any) -> None:
    """Variables are put in as Grafana does it; a file of rules has promtool read each."""
    words = {"$job": "renvoi", "$instance": ".*", "$__rate_interval": "1m"}
    rules = []
    for number, written in enumerate(expressions(DASHBOARD)):
        expression = written
        for word, meant in words.items():
            expression = expression.replace(word, meant)
        rules.append({"record": f"panel:{number}", "expr": expression})
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), "utf-8")
    promtool("check", "rules", str(file))
