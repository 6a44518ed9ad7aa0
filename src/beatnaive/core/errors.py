"""The exception tree: every error a user can cause, with the exit code of the command line.

    BeatNaiveError
    +-- InputError          2   a wrong option, study, file or symbol
    |   +-- UnknownName     2   ... that resembles a known one
    |   +-- NotTrusted      2   code that a file names and nobody allowed
    |   +-- UserCodeFailed  2   ... that was allowed, and raised or ended the process
    +-- DataRefused         3   the prices have a fatal finding
    +-- SourceUnreachable   4   the network, a rate limit, a missing cache
    +-- CannotWrite         5   disk full, folder not writable
    +-- Interrupted       130   Ctrl-C; what was finished is kept

A message is one line: what is wrong, where, and how to mend it.

>>> raise UnknownName("model", "lstn", ["linear", "lstm"])
Traceback (most recent call last):
    ...
beatnaive.core.errors.UnknownName: unknown model 'lstn': did you mean 'lstm'? Known: linear, lstm
"""

from collections.abc import Iterable
from difflib import get_close_matches


class BeatNaiveError(Exception):
    """Something a user can mend; the command line prints it as one line.

    Messages speak of Python's parameters. option: the one to change, where the command line has it as a flag, too.

    >>> InputError('cannot be told: declare dates = "DMY"', option="dates").option
    'dates'
    """

    exit_code = 2

    def __init__(self, message: str = "", *, option: str | None = None) -> None:
        super().__init__(message)
        self.option = option


class InputError(BeatNaiveError):
    """A wrong option, study, file or symbol."""


class UnknownName(InputError):
    """A name that is in no table; the message offers the nearest one."""

    def __init__(self, what: str, name: str, known: Iterable[str], *, option: str | None = None) -> None:
        known = sorted(known)
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        super().__init__(f"unknown {what} {name!r}: {hint}Known: {', '.join(known)}", option=option)
        self.what, self.name, self.known = what, name, known

    def __reduce__(self) -> tuple[type, tuple[str, str, list[str]], dict[str, str | None]]:
        return type(self), (self.what, self.name, self.known), {"option": self.option}


class NotTrusted(InputError):
    """Code that a study, run folder or forecast file names, and that nobody allowed to run."""


class UserCodeFailed(InputError):
    """A user's own code raised, or tried to end the process; the message names the line in the user's file."""


class DataRefused(BeatNaiveError):
    """The prices have a fatal finding and the study declares no fill."""

    exit_code = 3


class SourceUnreachable(BeatNaiveError):
    """No network, a rate limit, or nothing in the cache."""

    exit_code = 4


class Interrupted(BeatNaiveError):
    """Ctrl-C in the middle of a run; the message says where the finished part lies and how to continue."""

    exit_code = 130


class CannotWrite(BeatNaiveError):
    """The disk is full or the folder cannot be written."""

    exit_code = 5
