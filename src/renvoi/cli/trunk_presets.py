"""`renvoi trunk presets`, and `--preset` of the commands that make or change a trunk."""

import textwrap
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from renvoi.cli.base import Data, Json, usage_error
from renvoi.cli.output import show_json
from renvoi.domain.trunks.presets import PRESETS, Preset

Named = Annotated[
    str | None,
    typer.Option("--preset", metavar="NAME", help="Options that a carrier wants, see `renvoi trunk presets`"),
]
_WIDTH = 80


def expanded(options: Mapping[str, dict[str, Any]], preset: str | None) -> Mapping[str, dict[str, Any]]:
    """Return the given options with those of a preset, which stand behind what was given itself."""
    if preset is None:
        return options
    if preset not in PRESETS:
        usage_error(f"there is no preset {preset[:40]!r}: give one of {', '.join(PRESETS)}")
    return {**options, "outbound": {**PRESETS[preset].options, **options["outbound"]}}


def show_presets(_: Data = None, as_json: Json = False) -> None:
    """Show the presets: which options each stands for, and how sure they are."""
    if as_json:
        show_json([_row(name, preset) for name, preset in PRESETS.items()])
        return
    for number, (name, preset) in enumerate(PRESETS.items()):
        if number:
            typer.echo("")
        typer.echo(f"{name}  {flags(preset)}")
        sure = "published" if preset.proven else "unproven"
        for text in (f"{sure}: {preset.source}, as of {preset.as_of}", preset.besides):
            typer.echo(textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="    "))


def flags(preset: Preset) -> str:
    """Return the options of a preset as they are given on the command line."""
    return " ".join(
        f"--{name.strip('_').replace('_', '-')}" + ("" if value is True else f" {value}")
        for name, value in preset.options.items()
    )


def _row(name: str, preset: Preset) -> dict[str, object]:
    return {
        "name": name,
        "options": {
            key: value if isinstance(value, bool | int) else str(value) for key, value in preset.options.items()
        },
        "flags": flags(preset),
        "source": preset.source,
        "as_of": str(preset.as_of),
        "proven": preset.proven,
        "besides": preset.besides,
    }
