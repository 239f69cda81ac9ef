"""Write the file `copyright` of the Debian package: our licence, and that of each package which it brings along.

`licences.py LICENSE DIRECTORY…`: the licence of this project, and directories that `pip install --target` filled.
What is said of a package is what its own metadata say (Core metadata 2.4: License-Expression, License, classifiers).
"""

import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

_LONGEST = 120
"""Characters of a `License` field that names a licence; longer ones are its whole text."""
_BODIES = ("OSI Approved", "DFSG approved")
"""Classifiers that say who approves of a licence, and not which one it is."""
_OURS = "renvoi"


def copyright_file(own_licence: str, directories: list[Path]) -> str:
    """Return the text of the file.

    Raises:
        ValueError: a package does not say what its licence is.
    """
    found = {
        (each.name.lower(), each.version): each for each in distributions(path=[str(path) for path in directories])
    }
    lines = [
        "renvoi: a self-hosted platform for virtual phone numbers",
        "",
        "Licence: Apache-2.0, whose text is at the end; on Debian also in /usr/share/common-licenses/Apache-2.0.",
        "",
        "The package brings these Python packages along, below /opt/renvoi/lib. The texts of their licences are in the",
        "directories *.dist-info there, as their authors publish them.",
        "",
    ]
    lines += [
        f"  {name} {version}: {licence_of(each)}" for (name, version), each in sorted(found.items()) if name != _OURS
    ]
    lines += [
        "",
        "Three of them hold libraries in C besides, with what these need: av has FFmpeg with x264 and x265",
        "(GPL-2.0-or-later), psycopg-binary has libpq (PostgreSQL), cryptography has OpenSSL (Apache-2.0).",
        "",
        own_licence,
    ]
    return "\n".join(lines)


def licence_of(distribution: Distribution) -> str:
    """Return what a package's metadata say of its licence.

    Raises:
        ValueError: they say nothing.
    """
    metadata = distribution.metadata.json
    said = str(metadata.get("license_expression", ""))
    if not said:
        classifiers = metadata.get("classifier", [])
        named = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
        said = ", ".join(each for each in named if each not in _BODIES)
    if not said:
        said = str(metadata.get("license", "")).strip()
    if not said or len(said) > _LONGEST or said == "UNKNOWN":
        raise ValueError(f"{distribution.name} does not say what its licence is: say it here")
    return said


if __name__ == "__main__":
    sys.stdout.write(copyright_file(Path(sys.argv[1]).read_text("utf-8"), [Path(each) for each in sys.argv[2:]]))
