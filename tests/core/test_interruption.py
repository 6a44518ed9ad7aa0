"""An interruption ends what it is told to end, wherever it comes."""

import signal
import sys
import time
import weakref

import pytest

from beatnaive.core.interruption import listening


class Thing:
    """Something that can be pointed at."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_that_python_drops_in_a_callback_is_raised_again(number):
    def moved(reference):
        signal.raise_signal(number)  # the handler runs here, and what it raises is dropped
        for _ in range(3):
            pass

    things = [Thing()]
    reference = weakref.ref(things[0], moved)

    def work():
        with listening():
            things.clear()
            time.sleep(20)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reference() is None


def test_a_second_one_changes_nothing_while_the_first_is_heeded():
    ended = []

    def work():
        with listening():
            try:
                signal.raise_signal(signal.SIGTERM)
            finally:
                signal.raise_signal(signal.SIGINT)
                time.sleep(0.2)
                ended.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert ended


def test_other_exceptions_that_python_drops_are_told_as_before(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    thing = Thing()
    reference = weakref.ref(thing, lambda reference: 1 / 0)
    with listening():
        del thing
    assert reference() is None
    assert [one.exc_type for one in told] == [ZeroDivisionError]
    assert sys.unraisablehook == told.append
