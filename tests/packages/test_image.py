"""The image: built without asking a registry, on the bare Debian 13, and run without root or a root to write to."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renvoi import __version__
from tests.packages.debian import HOME, CommandFailed, Debian
from tests.packages.pages import blocks
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
NUMBER, TARGET = "+33199001234", "+33644630000"
READY_S, BUILD_S = 90.0, 600.0
SIZE_MB = 600
"""What the image may take, with the Debian below it."""
JUDGE = "import sys; from compose_spec import PyCompose; PyCompose.from_yaml(sys.stdin.read()).validate()"
IMAGE = "localhost/renvoi:latest"
SETTINGS = """
[containers]
# podman would raise them, which a container that we may be in does not allow.
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""
STORAGE = """
[storage]
driver = "overlay"
graphroot = "{directory}/images"
runroot = "{directory}/running"
"""


def test_the_compose_file_is_one_by_the_compose_specification() -> None:
    python = ROOT / ".venv" / "package" / "bin" / "python"
    text = (PACKAGING / "compose.yaml").read_bytes()
    subprocess.run([python, "-c", JUDGE], input=text, check=True)
    wrong = subprocess.run([python, "-c", JUDGE], input=text.replace(b"read_only", b"readonly"), check=False, stderr=-1)
    assert b"readonly" in wrong.stderr


def test_compose_file_and_image_have_the_same_health_check() -> None:
    """Images of the OCI's own form have none, so the compose file says it too."""
    question = "__import__('urllib.request').request.urlopen('http://127.0.0.1:8081/readyz',timeout=4)"
    assert [question in (PACKAGING / name).read_text() for name in ("Containerfile", "compose.yaml")] == [True, True]


class Images:
    """A store of images and containers below a directory, and a network without anybody in it."""

    def __init__(self, directory: Path) -> None:
        self.network = f"dv-img-{os.getpid()}"
        self.socket = directory / "podman.sock"
        (directory / "containers.conf").write_text(SETTINGS)
        (directory / "storage.conf").write_text(STORAGE.format(directory=directory))
        self._environment = os.environ | {
            "BUILDAH_ISOLATION": "chroot",
            "BUILDAH_FORMAT": "docker",
            "CONTAINERS_CONF": str(directory / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(directory / "storage.conf"),
        }

    def buildah(self, *words: str) -> str:
        return self._run("buildah", *words)

    def podman(self, *words: str) -> str:
        """Run it in the network, which is that of the host for what it starts."""
        return self._run("nsenter", f"--net=/run/netns/{self.network}", "podman", *words)

    def paste(self, lines: str, directory: Path) -> None:
        """Run lines of a page in a directory, with the network of this machine."""
        self._run("sh", "-c", f"set -e\ncd {directory}\n{lines}")

    def paste_apart(self, lines: str) -> None:
        """Run lines of a page in the network without anybody."""
        self._run("nsenter", f"--net=/run/netns/{self.network}", "sh", "-c", f"set -e\n{lines}")

    @contextmanager
    def served(self) -> Iterator[None]:
        """Have podman serve what Docker's own programs ask for, on `socket`."""
        command = ["nsenter", f"--net=/run/netns/{self.network}", "podman", "system", "service", "--time", "0"]
        process = subprocess.Popen([*command, f"unix://{self.socket}"], env=self._environment)
        try:
            wait_for(self.socket.exists, "podman's socket", READY_S)
            yield
        finally:
            process.terminate()
            process.wait()

    def _run(self, *command: str) -> str:
        found = subprocess.run(
            command, capture_output=True, text=True, timeout=BUILD_S, check=False, env=self._environment
        )
        if found.returncode != 0:
            raise CommandFailed(f"{command}: {found.stdout[-3000:]}{found.stderr[-3000:]}")
        return found.stdout


@pytest.fixture(scope="module")
def images(made: Path, cache: Path) -> Iterator[Images]:
    """Build the image, on the bare Debian 13."""
    directory = made / "containers"
    directory.mkdir()
    found = Images(directory)
    subprocess.run(["ip", "netns", "add", found.network], check=True)
    subprocess.run(["ip", "-n", found.network, "link", "set", "lo", "up"], check=True)
    try:
        build(found, made, cache)
        yield found
    finally:
        found.podman("rm", "--all", "--force", "--time", "0")
        found.buildah("rm", "--all")
        subprocess.run(["ip", "netns", "delete", found.network], check=True)
        subprocess.run(["rm", "-rf", "--one-file-system", directory], check=True)


def build(images: Images, made: Path, cache: Path) -> None:
    """Build it by the line of the page, in a checkout with the package; our bare Debian stands for Docker's."""
    base = images.buildah("from", "scratch").strip()
    images.buildah("copy", "--quiet", base, str(cache / "debian13"), "/")
    images.buildah("copy", "--quiet", base, str(made / "apt.conf"), "/etc/apt/apt.conf.d/99machine")
    images.buildah("commit", "--quiet", "--rm", base, "docker.io/library/debian:trixie-slim")
    checkout = made / "checkout"
    (checkout / "dist").mkdir(parents=True)
    shutil.copy(next(made.glob(f"renvoi_{__version__}_*.deb")), checkout / "dist")
    shutil.copytree(PACKAGING, checkout / "packaging")
    _, line = blocks("container.md", "Build")[0].splitlines()
    images.paste(line, checkout)


def is_well(images: Images, name: str) -> None:
    """Wait until a node in a container says that it is well."""

    def asked() -> bool:
        try:
            images.podman("healthcheck", "run", name)
        except CommandFailed:
            return False
        return True

    wait_for(asked, lambda: images.podman("logs", name), READY_S)


def takes_calls(images: Images, name: str) -> None:
    """Make a number for a node in a container, and call it."""
    images.podman("exec", name, "renvoi", "demo")
    images.podman("exec", name, "renvoi", "forward", NUMBER, "--to", TARGET)
    shown = json.loads(images.podman("exec", name, "renvoi", "try", NUMBER, "--json"))
    assert (shown["status"], shown["record"]["target"]) == (200, TARGET)


def test_the_image_is_small_and_has_the_packages_of_one_python(images: Images) -> None:
    assert int(images.podman("image", "inspect", "--format", "{{.Size}}", IMAGE)) < SIZE_MB * 1_000_000
    listed = images.podman("run", "--rm", "--network=host", "--entrypoint", "ls", IMAGE, "/opt/renvoi/lib")
    assert listed.split() == ["3.13", "renvoi"]
    licence = "/usr/share/doc/kamailio/copyright", "/usr/share/doc/renvoi/copyright"
    images.podman("run", "--rm", "--network=host", "--entrypoint", "ls", IMAGE, *licence)


def test_a_node_in_a_container_takes_calls(images: Images) -> None:
    """By the lines of the page: read-only, without a capability, on the network of its host."""
    run, check = blocks("container.md", "Run")[0].splitlines()
    images.paste_apart(run)
    is_well(images, "renvoi")
    images.paste_apart(check)
    assert images.podman("exec", "renvoi", "id", "--user", "--name") == "renvoi\n"
    takes_calls(images, "renvoi")
    stop, remove = blocks("upgrade.md", "The image")[0].splitlines()[1:]
    images.paste_apart(stop)
    assert images.podman("inspect", "--format", "{{.State.ExitCode}}", "renvoi") == "0\n"
    images.paste_apart(remove)


def test_docker_compose_starts_a_node_that_takes_calls(images: Images, bare: Callable[..., Debian]) -> None:
    """Debian 13 has the real one; it asks podman, as there is no Docker here."""
    system = bare("13", "compose")
    system.install("apt-get -q install --no-install-recommends docker-compose docker-cli")
    packaging = system.directory / "root" / "packaging"
    packaging.mkdir()
    shutil.copy(PACKAGING / "compose.yaml", packaging)
    composed = json.loads(in_packaging(system, "docker compose config --format json"))
    node = composed["services"]["renvoi"]
    assert (node["network_mode"], node["read_only"], node["cap_drop"]) == ("host", True, ["ALL"])
    (packaging / "wrong.yaml").write_text((packaging / "compose.yaml").read_text().replace("read_only", "readonly"))
    with pytest.raises(CommandFailed, match="readonly"):
        in_packaging(system, "docker compose --file wrong.yaml config --quiet")
    with images.served():
        up = blocks("container.md", "Run")[1].removeprefix("cd packaging\n")
        in_packaging(system, up, images.socket)
        is_well(images, "renvoi-renvoi-1")
        takes_calls(images, "renvoi-renvoi-1")
        in_packaging(system, "docker compose down", images.socket)
    assert images.podman("ps", "--all", "--quiet") == ""


def in_packaging(system: Debian, lines: str, socket: Path | None = None) -> str:
    """Run lines in that directory; with a socket, Docker's programs ask who listens there."""
    bound = [f"--bind={socket}:/run/docker.sock"] if socket is not None else []
    words = ["sh", "-c", f"set -e\ncd {HOME}/packaging\n{lines}"]
    return system.run(*words, options=bound)
