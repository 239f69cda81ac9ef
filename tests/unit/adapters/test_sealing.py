"""The key of secrets, and what it seals."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from renvoi.adapters.sealing import AesSealer, key_for, load, load_or_make
from renvoi.application.errors import OperatorError
from renvoi.application.ports.secrets import SecretClosed


def test_a_secret_comes_back_under_its_name_alone(tmp_path: Path) -> None:
    key = load_or_make(tmp_path / "k")
    sealed = key.seal("trunk/a/outbound", "p\u00e4ss")
    assert "p\u00e4ss".encode() not in sealed
    assert key.seal("trunk/a/outbound", "p\u00e4ss") != sealed
    assert load_or_make(tmp_path / "k").open("trunk/a/outbound", sealed) == "p\u00e4ss"
    with pytest.raises(SecretClosed, match="trunk/b/outbound"):
        key.open("trunk/b/outbound", sealed)
    with pytest.raises(SecretClosed):
        load_or_make(tmp_path / "other").open("trunk/a/outbound", sealed)


def test_what_is_damaged_is_not_opened() -> None:
    key = AesSealer(bytes(32))
    sealed = key.seal("n", "secret")
    for place in range(len(sealed)):
        with pytest.raises(SecretClosed):
            key.open("n", sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        with pytest.raises(SecretClosed):
            key.open("n", sealed[:place])


def write(content: bytes, mode: int = 0o600) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(content)
        path.chmod(mode)

    return make


GOOD = b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (write(b""), "not a key"),
        (write(GOOD[:20]), "not a key"),
        (write(GOOD + GOOD), "not a key"),
        (write(b"\xff" * 44), "not a key"),
        (write(b"A" * 100_000), "not a key"),
        (write(GOOD, 0o640), "others may read"),
        (write(GOOD, 0o604), "chmod 600"),
        (Path.mkdir, "not a file"),
        (os.mkfifo, "not a file"),
    ],
)
def test_what_is_no_key_is_refused(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    path = tmp_path / "k"
    make(path)
    for read in (load, load_or_make):
        with pytest.raises(OperatorError, match=said):
            read(path)


def test_several_that_need_a_first_key_make_one(tmp_path: Path) -> None:
    made: list[AesSealer] = []
    threads = [threading.Thread(target=lambda: made.append(load_or_make(tmp_path / "k"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    sealed = made[0].seal("n", "secret")
    assert [key.open("n", sealed) for key in made] == ["secret"] * 8
    assert [path.name for path in tmp_path.iterdir()] == ["k"]
    assert (tmp_path / "k").stat().st_mode & 0o777 == 0o600


def test_a_key_is_made_only_where_there_is_no_secret_yet(tmp_path: Path) -> None:
    sealed = {"n": key_for(tmp_path / "k", {}).seal("n", "secret")}
    assert key_for(tmp_path / "k", sealed).open("n", sealed["n"]) == "secret"
    with pytest.raises(OperatorError, match="copy the key from the node"):
        key_for(tmp_path / "missing", sealed)
    assert not (tmp_path / "missing").exists()
    load_or_make(tmp_path / "other")
    with pytest.raises(OperatorError, match="is not the key of the secrets"):
        key_for(tmp_path / "other", sealed)


def test_a_key_that_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot be made: No such file"):
        load_or_make(tmp_path / "nowhere" / "k")
