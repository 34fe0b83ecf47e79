"""The privacy page stays true."""

import re
from dataclasses import fields

from core.settings import PREFIX, ROOT, Settings
from db.tables import metadata
from service.masking import MARKERS

PAGE = (ROOT / "docs/PRIVACY.md").read_text("utf-8")


def test_every_table_and_nothing_that_is_no_setting_is_on_the_page() -> None:
    assert set(re.findall(r"`(\w+)`", PAGE)) >= set(metadata.tables)
    assert set(re.findall(r"MOKSORI_\w+", PAGE)) <= {PREFIX + field.name.upper() for field in fields(Settings)}


def test_every_marker_is_on_the_page() -> None:
    assert set(MARKERS) == set(re.findall(r"\| `(\[\w+\])` \|", PAGE))
