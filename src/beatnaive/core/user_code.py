"""One guard around code that users bring: whatever it raises becomes one line that names the line in their file."""

from __future__ import annotations

import linecache
import site
import sysconfig
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from beatnaive.core.errors import BeatNaiveError, UserCodeFailed
from beatnaive.core.interruption import by_a_person

_OURS = (str(Path(__file__).resolve().parents[1]), "<frozen ")
_INSTALLED = tuple({*site.getsitepackages(), sysconfig.get_path("stdlib"), sysconfig.get_path("platlib")})


@contextmanager
def guarded(what: str, columns: Sequence[str] = ()) -> Iterator[None]:
    """Turn anything that a user's code raises, SystemExit and KeyboardInterrupt included, into UserCodeFailed.

    what: the call, such as "mine.py:features(bars)"; columns: those that the frame had, told when the code asked for
    one that it has not. Errors of ours and a real Ctrl-C pass.

    >>> with guarded("mine.py:f(bars)", ["Open", "Close"]):
    ...     {}["close"]
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.UserCodeFailed: mine.py:f(bars) raised KeyError: 'close'; ... the columns are Open, Close
    """
    try:
        yield
    except BeatNaiveError:
        raise
    except KeyboardInterrupt as error:
        if by_a_person():
            raise
        raise UserCodeFailed(f"{what} {told(error, columns)}") from error
    except BaseException as error:  # somebody else's code may raise anything, and must not end the program
        if isinstance(error, GeneratorExit):
            raise
        raise UserCodeFailed(f"{what} {told(error, columns)}") from error


def told(error: BaseException, columns: Sequence[str] = ()) -> str:
    """What was raised, in which line of whose file, and which columns there are, in about 250 characters."""
    if isinstance(error, SystemExit):
        text = f"tried to end the program by sys.exit({error.code!r})"
    else:
        said = " ".join(str(error).split())
        text = f"raised {type(error).__name__}{': ' if said else ''}{said[:110]}"
    if isinstance(error, SyntaxError) and error.filename:
        place = f" in {Path(error.filename).name}, line {error.lineno}"
        return text.partition(" (")[0] + place
    place = _place(error)
    missing = isinstance(error, KeyError | AttributeError) and columns
    return text + (f"; {place}" if place else "") + (f"; the columns are {', '.join(columns)}"[:90] if missing else "")


def _place(error: BaseException) -> str:
    """The last line of the user's own that was running: neither ours nor an installed library's."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((*_OURS, *_INSTALLED))
    ]
    if not own:
        return ""
    line = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    return f"{Path(own[-1].filename).name}, line {own[-1].lineno}" + (f": {line[:60]}" if line else "")
