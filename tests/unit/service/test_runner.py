import threading

import pytest

from core.errors import Busy
from service.runner import InProcessRunner


def test_jobs_run_one_at_a_time() -> None:
    runner, running, most = InProcessRunner(), [0], [0]

    def job() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        running[0] -= 1

    threads = [threading.Thread(target=runner.run, args=(job,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_full_line_refuses_and_an_emptied_one_takes_again() -> None:
    runner = InProcessRunner(max_waiting=1)
    with runner.place(), runner.place(), pytest.raises(Busy):
        runner.place().__enter__()
    with runner.place():
        assert runner.run(lambda: 7) == 7


def test_the_error_of_a_job_reaches_its_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        InProcessRunner().run(lambda: 1 // 0)
