"""Remove from installed packages what renvoi never reads: `unused.py DIRECTORY`, which `pip install --target` filled.

Two packages are mostly tables: babel knows 1,100 locales, of which renvoi writes in those of its languages, and
phonenumbers the towns and carriers of numbers, which renvoi never asks for (importing them takes seconds).
"""

import re
import shutil
import sys
from pathlib import Path

_LOCALES = "babel/locale-data"
_KEPT_LOCALES = re.compile(r"(root|en|fr)(_\w+)?\.dat")
"""What all locales stand on, and those of the languages that renvoi speaks (`renvoi.domain.outcome.LANGUAGES`)."""
UNUSED = ("phonenumbers/geodata", "phonenumbers/carrierdata", "phonenumbers/geocoder.py", "phonenumbers/carrier.py")


def remove_unused(directory: Path) -> None:
    """Remove it.

    Raises:
        FileNotFoundError: it is not where it is looked for, as a new release of a package has it elsewhere.
    """
    for each in (directory / name for name in UNUSED):
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
    found = list((directory / _LOCALES).iterdir())
    kept = [each for each in found if _KEPT_LOCALES.fullmatch(each.name)]
    if len(kept) < 3:
        raise FileNotFoundError(
            f"{directory / _LOCALES} has no data of root, en and fr: say in {__file__} where they are"
        )
    for each in set(found) - set(kept):
        each.unlink()


if __name__ == "__main__":
    remove_unused(Path(sys.argv[1]))
