"""Side by side and in order, whatever the number of cores."""

import threading
from collections.abc import Iterator

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


def test_the_next_item_is_made_while_one_is_used() -> None:
    begun = [threading.Event() for _ in range(4)]

    def made() -> Iterator[int]:
        for k in range(4):
            begun[k].set()
            yield k

    items = threads.one_ahead(made())
    assert next(items) == 0
    assert begun[1].wait(timeout=30)
    assert not begun[3].is_set()
    assert list(items) == [1, 2, 3]


def test_an_error_of_the_other_thread_comes_after_the_items_before_it() -> None:
    items = threads.one_ahead(1 / k for k in (1, 0))
    assert next(items) == 1
    with pytest.raises(ZeroDivisionError):
        next(items)
