"""What the Debian package says of the licences of what it brings along."""

from pathlib import Path

import pytest

from licences import copyright_file


def package(directory: Path, name: str, *lines: str) -> None:
    metadata = directory / f"{name}-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines, ""]))


def test_each_package_is_named_once_with_its_licence(tmp_path: Path) -> None:
    for directory in (tmp_path / "3.11", tmp_path / "3.13"):
        package(directory, "new", "License-Expression: MIT", "Classifier: License :: OSI Approved :: BSD License")
        package(directory, "old", "Classifier: License :: OSI Approved :: BSD License", "License: a long text")
        package(directory, "oldest", "Classifier: License :: DFSG approved", "License: ISC")
    package(tmp_path / "own", "renvoi", "License-Expression: Apache-2.0")
    text = copyright_file("THE TEXT", [tmp_path / "3.11", tmp_path / "3.13", tmp_path / "own"])
    listed = [line.strip() for line in text.splitlines() if line.startswith("  ")]
    assert listed == ["new 1.0: MIT", "old 1.0: BSD License", "oldest 1.0: ISC"]
    assert text.endswith("THE TEXT")


@pytest.mark.parametrize("said", [(), ("License: UNKNOWN",), ("License: " + "word " * 30,)])
def test_a_package_that_does_not_say_is_an_error(tmp_path: Path, said: tuple[str, ...]) -> None:
    package(tmp_path, "silent", *said)
    with pytest.raises(ValueError, match="silent does not say what its licence is"):
        copyright_file("", [tmp_path])
