"""A command that runs a user's code runs in a process of its own, and its first process says how that ended.

Code that calls `os._exit(0)`, or crashes, ends its process at once: no guard inside that process can tell. Ordinary
commands never come here and cost nothing more.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

from beatnaive.core.errors import BeatNaiveError, UserCodeFailed

ANSWER = "BEATNAIVE_ANSWER"
"""Environment of the second process: the file descriptor on which it says its exit code, and the first one's id."""

_state = {"armed": False, "answer": -1}


class Elsewhere(BeatNaiveError):
    """The command was carried out by the second process, down to its last line; `exit_code` is what that one said."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"the command ended with exit code {exit_code}")
        self.exit_code = exit_code


def arm() -> None:
    """This process is a command line's: `call` may start it again. To be called once, before anything else."""
    said = os.environ.pop(ANSWER, "")  # not for the processes that this one will start
    if os.name != "posix":
        return
    if not said:
        _state["armed"] = True
        return
    answer, _, parent = said.partition(" ")
    _state["answer"] = int(answer)
    os.set_inheritable(int(answer), False)
    threading.Thread(target=end_with, args=(int(parent),), daemon=True).start()


def answer(code: int) -> int:
    """Say that this command reached its own end, and give its exit code back."""
    if _state["answer"] >= 0:
        os.write(_state["answer"], str(code).encode())
        _state["answer"] = -1
    return code


def call(name: str) -> None:
    """Before a user's code is imported: in an armed process the command starts anew in a second one, and ends here.

    name: the code. Raises Elsewhere when the command reached its own end, whatever that was, and UserCodeFailed when
    its process ended in the middle. Ctrl-C and other signals to end are passed on.
    """
    if not _state["armed"]:
        return
    _state["armed"] = False
    ours, theirs = os.pipe()
    sys.stdout.flush()
    child = subprocess.Popen(  # the same words, to the same interpreter
        [sys.executable, *sys.orig_argv[1:]],
        env={**os.environ, ANSWER: f"{theirs} {os.getpid()}"},
        pass_fds=(theirs,),
    )
    os.close(theirs)

    def pass_on(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, pass_on)
    code = child.wait()
    os.set_blocking(ours, False)  # processes that the code has left behind may still hold the other end
    try:
        said = os.read(ours, 8)
    except BlockingIOError:
        said = b""
    os.close(ours)
    if said.isdigit():
        raise Elsewhere(int(said))
    short = name if len(name) <= 60 else f"...{name[-57:]}"
    raise UserCodeFailed(f"{short} could not be run: {ended(code)}")


def ended(code: int) -> str:
    """How a process ended, in words.

    >>> ended(-11), ended(0)
    ('it crashed (SIGSEGV)', 'it ended its process with exit code 0')
    """
    if code < 0:
        return f"it crashed ({signal.Signals(-code).name})"
    return f"it ended its process with exit code {code}"


def end_with(parent: int) -> None:
    """A parent that was killed cannot stop its child: the child sees to that itself, in a thread that runs this."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
