"""The command itself on a real database and a real store: exit codes, lines, and ``kill -9`` at any moment."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from core.settings import ROOT
from db.store import AnalysisStore
from models.registry import activate, list_versions, open_version, read_pointer
from models.text.data import CORPUS
from models.text.loading import load_text_model
from scripts.make_update_rows import fill
from service.update_lock import alone
from tests.integration.update_site import UpdateSite
from tests.unit.training.examples import publish_small

ROWS = 400
KILLS = 10
NO_MODEL = "no active text model; train one with: python -m scripts.train_text"


class Site(UpdateSite):
    """Made-up calls and a small text model."""

    def fill(self, rows: int = ROWS, *, poison: float = 0.0) -> None:
        self.migrated().close()
        fill(self.url, rows, poison=poison)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path, "text")
    publish_small(site.store)
    return site


@pytest.mark.timeout(600)  # three runs, on a machine that may be busy
def test_good_evidence_is_promoted_once_and_then_there_is_too_little_new(site: Site, database_url: str) -> None:
    site.url = database_url
    site.fill()
    before = site.active
    code, line = site.run("--dry-run", "--json")
    assert code == 0
    assert line.startswith("model_update: dry run, nothing written: promoted")
    assert "by_source" in json.loads(line.partition("\n")[2])["metrics"]
    assert site.active == before
    assert len(list_versions(site.store, "text")) == 1

    code, line = site.run()
    assert code == 0
    assert line.count("\n") == 1
    version = open_version(site.store, "text")
    assert version.name in line
    assert version.manifest["update"]["parent"] == before
    assert set(version.manifest["data"]["files"]) == {path.name for path in CORPUS.glob("*.jsonl")}
    assert {path.name for path in version.folder.iterdir()} >= {"report.html", "thresholds.csv", "manifest.json"}
    assert load_text_model(version).predict_proba(["안녕하세요"]).shape == (1,)

    assert site.run()[0] == 4
    database = AnalysisStore(site.url)
    recorded = database.read(lambda c: c.exec_driver_sql("SELECT status, exit_code FROM model_update").all())
    database.close()
    assert sorted(map(tuple, recorded)) == [("done", 0), ("done", 0), ("done", 4)]


def test_what_an_interrupted_update_left_ready_is_promoted_by_the_next_but_not_what_was_rolled_back(site: Site) -> None:
    site.fill()
    champion = site.active
    assert site.run()[0] == 0
    ready = site.active
    activate(site.store, "text", champion)
    assert site.run()[0] == 4
    assert site.active == champion

    (site.store / "history.jsonl").unlink()  # as it is when the update was killed before it promoted
    assert site.run("--dry-run")[0] == 4
    code, line = site.run()
    assert code == 0
    assert f"{ready}: promoted; the update that made it was interrupted" in line
    assert site.active == ready
    assert site.run()[0] == 4


def test_exchanged_labels_make_a_candidate_with_its_reason(site: Site) -> None:
    shutil.rmtree(site.store)
    shutil.copytree(ROOT / "models" / "store", site.store)
    site.fill(rows=1500, poison=1.0)
    champion = site.active

    code, line = site.run()
    assert code == 3
    assert "were they exchanged" in line
    assert site.active == champion
    newest = list_versions(site.store, "text")[0]
    assert newest.status == "candidate"
    assert newest.reason is not None
    assert "the active model is certain that" in newest.reason


def test_a_line_of_its_own_leaves_the_default_line_alone_and_goes_on_from_itself(site: Site) -> None:
    site.fill()
    before = site.active
    assert site.run("--line", "site-1", "--source", "site-1/", "--min-new", "0")[0] == 0
    assert site.active == before
    pointer = read_pointer(site.store, "text", line="site-1")
    assert pointer is not None
    first = open_version(site.store, "text", pointer.version)
    assert first.manifest["line"] == "site-1"
    assert first.manifest["data"]["filter"]["source"] == "site-1/"
    assert first.manifest["data"]["rows"]["rows"] < ROWS

    assert site.run("--line", "site-1", "--source", "site-1/", "--min-new", "0", "--plain")[0] in {0, 3}
    newest = list_versions(site.store, "text", line="site-1")[0]
    assert newest.manifest["update"]["parent"] == first.name


def test_bad_arguments_a_running_update_and_a_missing_model_have_codes_of_their_own(site: Site) -> None:
    assert site.run("--source", "site-1/")[0] == 2
    with alone(site.store):
        assert site.run()[0] == 5
    (site.store / "text" / "active").unlink()
    assert site.run()[0] == 6


def test_as_the_crontab_example_runs_it_only_failures_reach_standard_error_and_so_the_mail(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\nMOKSORI_LOG_LEVEL=WARNING\n" in (ROOT / "deploy" / "crontab.example").read_text("utf-8")
    monkeypatch.setenv("MOKSORI_LOG_LEVEL", "WARNING")
    little = site.start()
    out, mail = little.communicate(timeout=280)
    assert (little.returncode, mail) == (4, "")
    assert out.startswith("model_update: too little new data")

    (site.store / "text" / "active").unlink()
    impossible = site.start()
    assert impossible.communicate(timeout=280) == ("", "model_update: " + NO_MODEL + "\n")


@pytest.mark.timeout(900)  # ten runs and more, on a machine that may be busy
def test_killed_at_any_moment_it_leaves_a_valid_store_and_no_lock(site: Site) -> None:
    site.fill()
    started = time.monotonic()
    assert site.run("--dry-run")[0] == 0
    whole_s = time.monotonic() - started
    site.kill(KILLS, load_text_model, whole_s=whole_s)
    assert not any(path.is_file() for path in (site.folder / "var").rglob("*"))

    assert site.run("--min-new", "0")[0] in {0, 3}
    assert not [path for path in (site.store / "text").iterdir() if path.name.startswith((".building-", ".writing-"))]
