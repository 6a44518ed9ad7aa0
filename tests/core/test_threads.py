"""Side by side and in order, whatever the number of cores."""

import threading

import pytest

from beatnaive.core import threads


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_results_stand_in_the_order_of_the_items(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    monkeypatch.setattr(threads, "cores", lambda: cores)
    assert threads.side_by_side(lambda k: k * k, range(20)) == [k * k for k in range(20)]


def test_as_many_run_at_a_time_as_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 3)
    together = threading.Barrier(3, timeout=30)  # passes only when three are there at once
    assert threads.side_by_side(lambda k: together.wait() >= 0, range(3)) == [True] * 3


def test_an_error_is_raised_where_they_were_asked_for() -> None:
    with pytest.raises(ZeroDivisionError):
        threads.side_by_side(lambda k: 1 / k, [1, 0])
