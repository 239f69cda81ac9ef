"""`renvoi number import` of a million rows, beside the same rows put into the same table by SQLite alone.

Run as `python -m bench.importing`. The baseline does no checking: one statement a row, one transaction, synced. Memory
is the most that a process of the command held, beside that of an import of a tenth of the rows.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import progress, table
from tests.support.node import RENVOI

FIRST = 33_640_000_000


def write_rows(path: Path, count: int) -> None:
    """Write a file of valid French mobile numbers, each with a label."""
    with path.open("w") as file:
        file.write("number,label\n")
        for n in range(count):
            file.write(f"+{FIRST + n * 9},customer {n}\n")


def import_rows(directory: Path, count: int) -> tuple[float, float]:
    """Return the seconds that the command took, and the MiB that it held at the most."""
    data, rows = directory / f"data-{count}", directory / f"{count}.csv"
    write_rows(rows, count)
    subprocess.run([RENVOI, "account", "add", "bench", "--data", str(data)], check=True, stdout=subprocess.DEVNULL)
    command = [RENVOI, "number", "import", str(rows), "--account", "bench", "--data", str(data), "--json"]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    answer = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status or json.loads(answer)["imported"] != count:
        sys.exit(f"the import failed: {answer!r}")
    return seconds, usage.ru_maxrss / 1024


def baseline(directory: Path, count: int) -> float:
    """Return the seconds that SQLite takes for the rows alone."""
    schema = sqlite3.connect(directory / f"data-{count}" / "renvoi.db")
    create = schema.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'numbers'").fetchall()
    schema.close()
    connection = sqlite3.connect(directory / "baseline.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for (sql,) in create:
        connection.execute(sql)
    begin = time.perf_counter()
    connection.execute("BEGIN")
    values = ((FIRST + n * 9, 1, f"customer {n}", 1, 1, 0, None, None, 60, 0, None, 1) for n in range(count))
    connection.executemany(f"INSERT INTO numbers VALUES ({','.join('?' * 12)})", values)
    connection.execute("COMMIT")
    seconds = time.perf_counter() - begin
    connection.close()
    return seconds


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        progress(f"importing {count // 10:,} rows")
        _, small = import_rows(directory, count // 10)
        progress(f"importing {count:,} rows")
        seconds, large = import_rows(directory, count)
        alone = baseline(directory, count)
    table(
        ["rows", "seconds", "SQLite alone, seconds", "MiB", f"MiB for {count // 10:,} rows"],
        [(f"{count:,}", seconds, alone, large, small)],
    )


if __name__ == "__main__":
    main()
