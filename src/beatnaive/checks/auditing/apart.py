"""The audit in a process of its own: code that ends, hangs or crashes its process has not passed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from beatnaive.core.errors import BeatNaiveError, UserCodeFailed
from beatnaive.core.types import Progress
from beatnaive.core.witness import end_with, ended

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from beatnaive.checks.auditing.findings import AuditReport

SECONDS = 1800.0
"""Time after which a subject that gives no sign of life is given up; each run of a pipeline is one."""


def audit_apart(
    reference: str, *, progress: Progress | None = None, limit: float = SECONDS, **options: Any
) -> AuditReport:
    """`audit` of an import string, with its other options, whose code cannot harm this process.

    limit: how many seconds the subject may give no sign of life. What it prints goes to the standard error. Raises what
    `audit` raises, and UserCodeFailed for a subject that ended its process, crashed or ran on and on: never a report.
    """
    from multiprocessing import get_context

    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_audited, args=(theirs, os.getpid(), reference, options), daemon=False)
    child.start()
    theirs.close()
    try:
        while ours.poll(limit):
            what, found = ours.recv()
            if what == "progress" and progress is not None:
                progress(*found)
            elif what == "report":
                report: AuditReport = found
                return report
            elif what == "error":
                raise found
    except EOFError:
        child.join()
        raise UserCodeFailed(f"{reference} could not be audited: {ended(child.exitcode or 0)}") from None
    finally:
        _kill(child)
        ours.close()
    raise UserCodeFailed(
        f"{reference} could not be audited: it did not end within {limit:g} seconds; allow it more",
        option="limit",
    )


def _kill(child: BaseProcess) -> None:
    """The process and whatever it has started."""
    if child.pid is not None and hasattr(os, "killpg"):
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            child.kill()
    else:
        child.kill()
    child.join()


def _audited(answer: Connection, parent: int, reference: str, options: dict[str, Any]) -> None:
    """In the child: the audit, its progress and its end as messages."""
    if hasattr(os, "setsid"):
        os.setsid()  # its own children end with it, and a terminal's Ctrl-C is the parent's
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with, args=(parent,), daemon=True).start()
    os.dup2(2, 1)  # what the subject prints is not part of the answer
    sys.stdout = sys.stderr

    from beatnaive.checks.auditing.audit import audit
    from beatnaive.core.user_code import guarded

    def tell(done: int, total: int, what: str) -> None:
        answer.send(("progress", (done, total, what)))

    try:
        with guarded(f"{reference} could not be audited: it"):
            answer.send(("report", audit(reference, progress=tell, **options)))
    except BeatNaiveError as error:
        answer.send(("error", error))
    answer.close()
    os._exit(0)  # threads that the subject left running do not keep it
