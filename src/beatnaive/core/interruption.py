"""Ctrl-C, SIGTERM and SIGHUP end a command alike; code that merely raises KeyboardInterrupt does not."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any

_state = {"listening": False, "received": 0, "number": 0}
_SOON = 0.05  # seconds


@contextmanager
def listening() -> Iterator[None]:
    """In here the first SIGINT, SIGTERM or SIGHUP raises KeyboardInterrupt; more of them change nothing.

    A command that was told to end writes down how far it came; a second signal, sent with the first to a whole group of
    processes, say, must not break into that. SIGKILL still ends it, and a run is whole after that, too.

    Python drops what is raised while it runs a callback of its own, as it does after every import. An interruption that
    was lost so is raised again a moment later.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers, and only it is interrupted
        return
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before, hook = {one: signal.getsignal(one) for one in signals}, sys.unraisablehook
    sys.unraisablehook = partial(_lost, hook)
    _state.update(listening=True, received=0)
    for one in signals:
        if before[one] is not signal.SIG_IGN:  # nohup, and a shell's background jobs
            signal.signal(one, _received)
    try:
        yield
    finally:
        _state["listening"] = False
        sys.unraisablehook = hook
        for one, handler in before.items():
            with suppress(TypeError):  # a handler that Python did not set cannot be set again
                signal.signal(one, handler)


def by_a_person() -> bool:
    """Whether a KeyboardInterrupt comes from outside: from the first signal, or unknown where nobody listens."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return False  # a worker process, which its parent ends
    return not _state["listening"] or bool(_state["received"])


def _received(number: int, frame: FrameType | None) -> None:
    _state.update(received=_state["received"] + 1, number=number)
    if _state["received"] == 1:
        raise KeyboardInterrupt


def _lost(otherwise: Callable[[Any], Any], what: Any) -> None:
    """Told by Python of every exception that it drops."""
    if isinstance(what.exc_value, KeyboardInterrupt) and _state["received"]:
        threading.Timer(_SOON, _again).start()  # not from here: this, too, is such a callback
    else:
        otherwise(what)


def _again() -> None:
    if _state["listening"]:
        _state["received"] = 0
        signal.pthread_kill(threading.main_thread().ident or 0, _state["number"])
