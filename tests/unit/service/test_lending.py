import gc
import threading
import weakref
from dataclasses import dataclass, field

import pytest

from core.errors import ModelRefused
from service.lending import RETRY_AFTER_S, Lender


@dataclass(eq=False)
class Model:
    version: str


@dataclass
class Shelf:
    """What is wanted, what can be loaded, and what was loaded."""

    wanted: str = "one"
    broken: set[str] = field(default_factory=set)
    loaded: list[str] = field(default_factory=list)
    now: float = 0.0

    def load(self) -> Model:
        if self.wanted in self.broken:
            raise ModelRefused("a model file is missing or altered")
        self.loaded.append(self.wanted)
        return Model(self.wanted)

    def lender(self) -> Lender[Model]:
        return Lender("model", self.load, wanted=lambda: self.wanted, clock=lambda: self.now)


def test_a_model_is_loaded_once_however_many_ask() -> None:
    loads = []
    lender = Lender("model", lambda: loads.append(1) or object())  # type: ignore[func-returns-value]
    got: list[object] = []
    threads = [threading.Thread(target=lambda: got.append(lender.borrow())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len(set(map(id, got))) == 1
    assert lender.is_warm


def test_a_failed_load_is_tried_again() -> None:
    answers = iter([OSError("not yet"), "model"])

    def load() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    lender = Lender("model", load)
    with pytest.raises(OSError, match="not yet"):
        lender.borrow()
    assert not lender.is_warm
    assert lender.peek() is None
    assert lender.borrow() == "model"


def test_another_model_is_loaded_when_it_is_wanted_and_only_then() -> None:
    shelf = Shelf()
    lender = shelf.lender()
    first = lender.borrow()
    assert lender.borrow() is first
    shelf.wanted = "two"
    assert lender.borrow().version == "two"
    assert (lender.borrow().version, lender.error, shelf.loaded) == ("two", None, ["one", "two"])
    assert first.version == "one"


def test_the_previous_model_stays_when_the_new_one_cannot_be_loaded(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf(broken={"two"})
    lender = shelf.lender()
    first = lender.borrow()
    shelf.wanted = "two"

    assert [lender.borrow() for _ in range(3)] == [first] * 3

    assert lender.error == "a model file is missing or altered"
    assert [record.levelname for record in caplog.records if "cannot be loaded" in record.message] == ["ERROR"]


def test_what_was_mended_is_taken_up_after_a_while_and_a_roll_back_at_once() -> None:
    shelf = Shelf(broken={"two"})
    lender = shelf.lender()
    lender.borrow()
    shelf.wanted = "two"
    lender.borrow()
    shelf.broken.clear()
    assert lender.borrow().version == "one"
    shelf.now = RETRY_AFTER_S
    assert (lender.borrow().version, lender.error) == ("two", None)

    shelf.wanted, shelf.broken = "three", {"three"}
    assert (lender.borrow().version, lender.error is None) == ("two", False)
    shelf.wanted = "two"
    assert (lender.borrow().version, lender.error) == ("two", None)


def test_a_defect_of_any_kind_leaves_the_previous_model_and_tells_no_more_than_its_name() -> None:
    wanted = ["one"]

    def load() -> Model:
        if wanted == ["two"]:
            raise ValueError("what it worked on")
        return Model("one")

    lender = Lender("model", load, wanted=lambda: wanted[0])
    lender.borrow()
    wanted[0] = "two"
    assert (lender.borrow().version, lender.error) == ("one", "ValueError")


def test_what_cannot_be_asked_for_leaves_the_previous_model() -> None:
    asked = iter(["one", ModelRefused("damaged"), ModelRefused("damaged"), ModelRefused("damaged")])

    def wanted() -> str:
        answer = next(asked, ModelRefused("damaged"))
        if isinstance(answer, ModelRefused):
            raise answer
        return answer

    def load() -> Model:
        if lender.is_warm:
            raise ModelRefused("damaged")
        return Model("one")

    lender = Lender("model", load, wanted=wanted)
    lender.borrow()
    assert (lender.borrow().version, lender.borrow().version, lender.error) == ("one", "one", "damaged")


def test_nobody_waits_while_another_borrower_loads() -> None:
    wanted, loading, go_on = ["one"], threading.Event(), threading.Event()

    def load() -> Model:
        if wanted == ["two"]:
            loading.set()
            assert go_on.wait(10)
        return Model(wanted[0])

    lender = Lender("model", load, wanted=lambda: wanted[0])
    lender.borrow()
    wanted[0] = "two"
    other = threading.Thread(target=lender.borrow)
    other.start()
    assert loading.wait(10)
    assert lender.borrow().version == "one"
    go_on.set()
    other.join(10)
    assert lender.borrow().version == "two"


def test_a_change_while_a_model_is_loaded_is_noticed() -> None:
    wanted = ["one"]

    def load() -> Model:
        found = Model(wanted[0])
        if wanted == ["two"]:
            wanted[0] = "three"
        return found

    lender = Lender("model", load, wanted=lambda: wanted[0])
    lender.borrow()
    wanted[0] = "two"
    assert [lender.borrow().version for _ in range(2)] == ["two", "three"]


def test_a_replaced_model_is_freed_when_the_last_call_that_holds_it_ends() -> None:
    shelf = Shelf()
    lender = shelf.lender()
    held = lender.borrow()
    freed = weakref.ref(held)
    shelf.wanted = "two"
    lender.borrow()
    gc.collect()
    assert freed() is held
    del held
    gc.collect()
    assert freed() is None
