"""What `renvoi serve` prints once its parts are ready."""

import sys
from collections.abc import Mapping

from rich.console import Console

from renvoi.adapters.mail.server import SmtpServer
from renvoi.application.demo import NUMBERS, TARGET, Demo
from renvoi.application.person_mail import link_url
from renvoi.configuration.setting_types import API, EDGE
from renvoi.configuration.settings import Settings
from renvoi.domain.hosts import host_and_port
from renvoi.node.parts.roles import MAILER
from renvoi.node.parts.supervised_process import State, SupervisedProcess


def show(lines: list[str]) -> None:
    """Print the lines."""
    Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=True).print("\n".join(lines))
    sys.stdout.flush()


def places(settings: Settings, absent: Mapping[str, str], url: str, inner_url: str) -> list[str]:
    """Return where everything is; `url` and `inner_url` are those of the listeners."""
    lines = [f"API      {url}" if API not in absent else f"health   {url}/readyz"]
    lines.append(f"inner    {inner_url}/readyz and /metrics")
    if EDGE not in absent:
        places = ", ".join(f"sip:{host_and_port(host, settings.sip_port)}" for host in settings.sip_hosts)
        lines.append(f"calls    {places} (UDP and TCP)")
    else:
        lines.append(f"calls    none: {absent[EDGE]}")
    if MAILER not in absent:
        lines.append(f"mail     {_mail_goes_to(settings)}")
    if settings.database_path is None:
        lines.append(f"store    {settings.database_shown}")
    return [*lines, f"data     {settings.data_dir}"]


def no_demo() -> str:
    """Return how to have a demo account where none is made unasked."""
    return f"demo     no account on PostgreSQL: `{_this_command()} demo` makes one"


def delays(parts: Mapping[str, SupervisedProcess]) -> list[str]:
    """Return which parts are not ready yet, and why."""
    late = {name: part for name, part in parts.items() if part.state not in (State.RUNNING, State.ABSENT)}
    return [f"{name:8} not ready yet: {part.last_end or part.state}" for name, part in late.items()]


def troubles(parts: Mapping[str, SupervisedProcess]) -> list[str]:
    """Return what is wrong with the parts, a few words each."""
    found = {name: part.alarm or _unready(part) for name, part in parts.items()}
    return [f"{name}: {why}" for name, why in found.items() if why]


def _unready(part: SupervisedProcess) -> str:
    if part.state in (State.RUNNING, State.ABSENT):
        return ""
    return part.state.value if part.last_end is None else f"{part.state.value}, {part.last_end}"


def demo_account(settings: Settings, demo: Demo, url: str) -> list[str]:
    """Return what to try with a demo account."""
    number = NUMBERS[0]
    body = f'{{"apiKey": "{demo.key.reveal()}", "number": "{number}", "type": 1, "param": "{TARGET}"}}'
    return [
        "",
        "This is a new data directory, so here is a demo account:",
        f"key      {demo.key.reveal()}",
        f"numbers  {' '.join(each.value for each in NUMBERS)}",
        "",
        "Open the dashboard. The link signs in once, within an hour, in a browser on this machine:",
        f"  {link_url(url, demo.link)}",
        f"Another link: {_this_command()} sign-in-link --data {settings.data_dir}",
        "",
        "Or forward a number, then place a call to it, from another terminal:",
        f"  curl -s {url}/v1/vn/callforward -H 'Content-Type: application/json' -d '{body}'",
        f"  {_this_command()} try {number} --data {settings.data_dir}",
        "",
    ]


def _mail_goes_to(settings: Settings) -> str:
    if settings.smtp_url is None:
        return f"kept as files in {settings.mail_dir} (RENVOI_SMTP_URL is not set)"
    return str(SmtpServer.parse(settings.smtp_url))


def _this_command() -> str:
    return sys.argv[0] if sys.argv[0].endswith("renvoi") else "renvoi"
