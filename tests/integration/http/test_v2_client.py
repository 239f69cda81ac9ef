"""A client generated from the description of `/v2`: the generator understands all of it (docs/v2.md)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.v2_api import V2Api

GENERATOR = Path(sys.executable).parents[1] / "openapi" / "bin" / "openapi-python-client"
"""In an environment of its own, which ./test makes: it wants older packages than the product."""


def file_types(document: Any) -> set[str]:
    """Return the content types of files in a description."""
    found: set[str] = set()
    if isinstance(document, list):
        return found.union(*map(file_types, document))
    if isinstance(document, dict):
        for name, value in document.items():
            if name == "content":
                found |= {kind for kind in value if "json" not in kind}
            found |= file_types(value)
    return found


def test_a_client_is_generated_without_a_warning(tmp_path: Path) -> None:
    description = tmp_path / "openapi.json"
    document = V2Api().v2.describe()
    description.write_text(json.dumps(document), "utf-8")
    # It takes files of one type, and has to be told which others are files; its hooks format what it has made.
    options = {
        "content_type_overrides": dict.fromkeys(file_types(document), "application/octet-stream"),
        "post_hooks": [],
    }
    config = tmp_path / "config.json"
    config.write_text(json.dumps(options), "utf-8")
    command = [str(GENERATOR), "generate", "--path", str(description), "--output-path", str(tmp_path / "client")]
    made = subprocess.run(
        [*command, "--meta", "none", "--config", str(config)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    told = made.stdout + made.stderr
    assert made.returncode == 0, told
    assert "warning" not in told.lower(), told
    assert "error" not in told.lower(), told
    operations = {each.name_of_operation for each in V2Api().v2.operations()}
    modules = [each.stem for each in (tmp_path / "client" / "api").rglob("*.py") if each.stem != "__init__"]
    assert len(modules) == len(operations)
    subprocess.run([sys.executable, "-m", "compileall", "-q", tmp_path / "client"], check=True)
