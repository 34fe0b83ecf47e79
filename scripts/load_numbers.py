"""Load the list of official numbers: ``python -m scripts.load_numbers FILE.csv``.

The file is UTF-8 with a first line ``number,name,source,checked_date``; numbers in any notation, dates as
2026-03-01. It replaces the whole list in one transaction. When a line is bad, every bad line is named and
nothing is loaded.

Exit code 0: loaded; 1: bad lines, or the database failed; 2: bad arguments, or the file cannot be read.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Container, Iterable
from datetime import date
from pathlib import Path

from core.errors import InvalidRequest, MoksoriError
from core.log import configure_logging
from core.records import OfficialNumber
from core.settings import Settings
from service.declaration import normalise_declaration
from wiring import build_services

COLUMNS = ("number", "name", "source", "checked_date")
LIMITS = {"name": 255, "source": 1024}


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.load_numbers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="CSV file")
    path: Path = parser.parse_args(argv).file
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        print(f"load_numbers: cannot read {path}: {type(error).__name__}", file=sys.stderr)
        return 2
    found, complaints = read_official(io.StringIO(text, newline=""))
    for complaint in complaints:
        print(f"{path}:{complaint}", file=sys.stderr)
    if complaints:
        print("load_numbers: nothing was loaded", file=sys.stderr)
        return 1
    try:
        settings = Settings.from_env()
        configure_logging("WARNING")
        records = build_services(settings).records
        assert records is not None  # noqa: S101  (built with the services)
        records.replace_official(found)
    except MoksoriError as error:
        print(f"load_numbers: {error.message}", file=sys.stderr)
        return 1
    print(f"{len(found)} official numbers loaded")
    return 0


def read_official(lines: Iterable[str]) -> tuple[list[OfficialNumber], list[str]]:
    """Return the numbers of a CSV file, and a complaint ``LINE: reason`` for every line that is bad."""
    reader = csv.DictReader(lines, strict=True)
    found: dict[str, OfficialNumber] = {}
    complaints: list[str] = []
    try:
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            return [], [f"1: the first line must be {','.join(COLUMNS)}; missing: {', '.join(missing)}"]
        for row in reader:
            try:
                official = _official(row, known=found)
                found[official.declaration] = official
            except InvalidRequest as error:
                complaints.append(f"{reader.line_num}: {error.message}")
    except csv.Error as error:
        complaints.append(f"{reader.reader.line_num}: {error}")
    if not found and not complaints:
        complaints.append("1: no numbers; an empty list would leave none official")
    return list(found.values()), complaints


def _official(row: dict[str, str | None], *, known: Container[str]) -> OfficialNumber:
    if None in row or any(row[name] is None for name in COLUMNS):
        raise InvalidRequest("the line has not as many fields as the first")
    fields = {name: (row[name] or "").strip() for name in COLUMNS}
    for name, limit in LIMITS.items():
        if not 0 < len(fields[name]) <= limit:
            raise InvalidRequest(f"{name} must have 1 to {limit} characters")
    try:
        checked = date.fromisoformat(fields["checked_date"])
    except ValueError:
        raise InvalidRequest("checked_date must be a date like 2026-03-01") from None
    number = normalise_declaration(fields["number"])
    if number in known:
        raise InvalidRequest("the number stands in an earlier line already")
    return OfficialNumber(number, fields["name"], fields["source"], checked)


if __name__ == "__main__":
    sys.exit(main())
