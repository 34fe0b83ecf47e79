import pytest

from models.training.evidence import Example
from models.training.lots import CALLS, balance, lots


def examples(labels: list[int], weight: float = 1.0) -> list[Example]:
    return [Example(str(number), "여보세요", label, weight, "person") for number, label in enumerate(labels)]


def test_every_call_is_in_one_lot_and_no_lot_is_larger_than_allowed() -> None:
    given = examples([0, 1] * CALLS + [1])
    found = list(lots(iter(given)))
    assert [len(lot) for lot in found] == [CALLS, CALLS, 1]
    assert [example for lot in found for example in lot] == given


def test_both_labels_weigh_the_same_and_all_of_them_what_they_weighed() -> None:
    size, share = balance(iter([*examples([0] * 6, 0.5), *examples([1] * 2, 2.0)]))
    assert size == 8
    assert share[0] * 3.0 == pytest.approx(share[1] * 4.0) == pytest.approx(3.5)


def test_a_label_that_does_not_occur_weighs_nothing() -> None:
    assert balance(iter(examples([1, 1]))) == (2, [0.0, 0.5])
    assert balance(iter([])) == (0, [0.0, 0.0])
