import threading

import pytest

from service.lending import Lender


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
    assert lender.borrow() == "model"
