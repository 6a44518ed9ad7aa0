"""Ctrl-C, SIGTERM and SIGHUP end a command alike; code that merely raises KeyboardInterrupt does not."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_state = {"listening": False, "received": 0}


@contextmanager
def listening() -> Iterator[None]:
    """In here the first SIGINT, SIGTERM or SIGHUP raises KeyboardInterrupt; more of them change nothing.

    A command that was told to end writes down how far it came; a second signal, sent with the first to a whole group of
    processes, say, must not break into that. SIGKILL still ends it, and a run is whole after that, too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers, and only it is interrupted
        return
    signals = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {one: signal.getsignal(one) for one in signals}
    _state.update(listening=True, received=0)
    for one in signals:
        if before[one] is not signal.SIG_IGN:  # nohup, and a shell's background jobs
            signal.signal(one, _received)
    try:
        yield
    finally:
        _state["listening"] = False
        for one, handler in before.items():
            with suppress(TypeError):  # a handler that Python did not set cannot be set again
                signal.signal(one, handler)


def by_a_person() -> bool:
    """Whether a KeyboardInterrupt comes from outside: from the first signal, or unknown where nobody listens."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        return False  # a worker process, which its parent ends
    return not _state["listening"] or bool(_state["received"])


def _received(number: int, frame: FrameType | None) -> None:
    _state["received"] += 1
    if _state["received"] == 1:
        raise KeyboardInterrupt
