"""What the Debian package leaves out of the packages that it brings along."""

from pathlib import Path

import pytest

from renvoi.domain.outcome import LANGUAGES
from unused import UNUSED, remove_unused

SOURCE = Path(__file__).parents[3] / "src"


def tree(directory: Path, *names: str) -> None:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def remaining(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def test_tables_that_nobody_reads_go_and_those_of_our_languages_stay(tmp_path: Path) -> None:
    kept = {"phonenumbers/__init__.py", "phonenumbers/tzdata/data0.py", "babel/global.dat"}
    kept |= {f"babel/locale-data/{name}.dat" for name in ("root", *LANGUAGES, *(f"{each}_GB" for each in LANGUAGES))}
    gone = {"phonenumbers/geocoder.py", "phonenumbers/carrier.py", "phonenumbers/geodata/data0.py"}
    gone |= {"phonenumbers/carrierdata/data0.py", "babel/locale-data/de.dat", "babel/locale-data/fro.dat"}
    tree(tmp_path, *kept, *gone)
    remove_unused(tmp_path)
    assert remaining(tmp_path) == kept


@pytest.mark.parametrize("missing", ["phonenumbers/geodata/data0.py", "babel/locale-data/fr.dat"])
def test_a_package_that_changed_is_an_error(missing: str, tmp_path: Path) -> None:
    names = {f"babel/locale-data/{name}.dat" for name in ("root", "en", "fr")}
    names |= {name if name.endswith(".py") else f"{name}/data0.py" for name in UNUSED}
    tree(tmp_path, *(names - {missing}))
    with pytest.raises(FileNotFoundError):
        remove_unused(tmp_path)


def test_no_module_asks_for_what_is_left_out() -> None:
    left_out = {"phonenumbers.geocoder", "phonenumbers.carrier", "import geocoder", "import carrier"}
    for module in SOURCE.rglob("*.py"):
        code = "\n".join(line.partition("#")[0] for line in module.read_text("utf-8").splitlines())
        assert not {each for each in left_out if each in code}, module
