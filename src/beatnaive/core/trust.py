"""Whose code may run: what a file names is imported only after its reader allowed it. Data never runs code.

A name of code is `FILE.py:NAME` or `module:NAME`. `registry` imports only those that stand in this process' set. A name
enters it in three ways: the user typed it (`allow`), a Python program built a study of it (`allow`), or it stands in a
study that the user trusts (`admit`), now or earlier, by the sha256 of the study and of every file that
its names lead to.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.machinery import PathFinder
from pathlib import Path

from beatnaive.core import witness
from beatnaive.core.documents import read_bytes
from beatnaive.core.errors import BeatNaiveError, CannotWrite, InputError, NotTrusted
from beatnaive.core.files import at_home, state_folder, write_atomically

FORMAT = "beatnaive trusted 1"
_allowed: set[str] = set()


def names_code(name: str) -> bool:
    """Whether a name is that of code, not of a row of ours.

    >>> names_code("lstm"), names_code("mine.py:Model"), names_code("sklearn.linear_model:Lasso")
    (False, True, True)
    """
    return ":" in name


def allow(*names: str) -> None:
    """Let this process import these names: the user typed them here, or wrote them in a Python program."""
    code = {_full(name): name for name in names if names_code(name)}
    if code.keys() - _allowed:
        witness.call(next(iter(code.values())))
    _allowed.update(code)


def allowed() -> tuple[str, ...]:
    """All names that this process may import, for its worker processes."""
    return tuple(sorted(_allowed))


def forget() -> None:
    """Nothing is allowed any more."""
    _allowed.clear()


def require(name: str) -> None:
    """Raise NotTrusted for a name that nobody allowed: nothing of it has been imported then."""
    if _full(name) not in _allowed:
        raise NotTrusted(
            f"{_short(name)} is code that nobody allowed to run: type it on the command line, or trust it "
            "(trust=True, or beatnaive.core.trust.allow)",
            option="trust",
        )


def admit(document: str, content: bytes, named: Mapping[str, str], *, trust: bool = False) -> None:
    """Allow the code that a document names, when its reader trusts it; to be called before anything is built of it.

    document: what to call it in messages; content: its bytes; named: place in the document -> name, as far as they name
    code; trust: the reader says so now, and it is remembered. Raises NotTrusted, naming the first line that would run.
    """
    code = {place: name for place, name in named.items() if names_code(name)}
    unknown = {place: name for place, name in code.items() if _full(name) not in _allowed}
    if not unknown:
        return
    if trust:
        allow(*code.values())
        with suppress(CannotWrite):  # it will be asked again, nothing worse
            remember(content, code.values())
        return
    known = _entries().get(hashlib.sha256(content).hexdigest())
    # only of a document that was trusted once are the files read: a pipe or device among them must not be waited for
    if known is not None and all(known.get(one) == digest for one, digest in _digests(code.values()).items()):
        allow(*code.values())
        return
    place, name = next(iter(unknown.items()))
    more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    since = " and changed since you trusted it" if known is not None else ""
    raise NotTrusted(
        f"{_short(document)} names code{since}: {_short(place)} = {_short(name)}{more} would be imported and run. "
        "Read it; then allow it with trust=True",
        option="trust",
    )


def remember(content: bytes, names: Iterable[str]) -> None:
    """Trust this document as long as its bytes, and those of the files it names, stay. Raises CannotWrite."""
    entries = {**_entries(), hashlib.sha256(content).hexdigest(): _digests(names)}
    text = json.dumps({"format": FORMAT, "documents": entries}, indent=1, sort_keys=True) + "\n"
    write_atomically(_place(), text, private=True)


def _place() -> Path:
    return state_folder() / "trusted.json"


def _entries() -> dict[str, dict[str, str]]:
    """What was trusted: {sha256 of a document: {name of code: sha256 of its file}}; {} for a file not one's own."""
    path = _place()
    try:
        facts = path.stat()
        if os.name == "posix" and (facts.st_mode & 0o022 or facts.st_uid != os.getuid()):
            return {}  # somebody else could have written it
        data = json.loads(path.read_bytes())
        return dict(data["documents"]) if data["format"] == FORMAT else {}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def _digests(names: Iterable[str]) -> dict[str, str]:
    """{name: sha256 of the files that importing it would run first}."""
    return {_full(name): _digest(name) for name in sorted(set(names))}


def _digest(name: str) -> str:
    digest = hashlib.sha256()
    for path in files_of(name):
        try:
            digest.update(read_bytes(path))
        except InputError:
            digest.update(b"unreadable")
    return digest.hexdigest()


def files_of(name: str) -> tuple[Path, ...]:
    """The files behind a name of code, found without importing anything; () for what lies in no file.

    >>> [path.name for path in files_of("beatnaive.core.trust:allow")]
    ['__init__.py', '__init__.py', 'trust.py']
    """
    where = name.rpartition(":")[0]
    if where.endswith(".py"):
        return (at_home(where),)
    found: list[Path] = []
    path: list[str] | None = None
    parts = where.split(".")
    for k in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: k + 1]), path)
        if spec is None and k == 0:
            spec = PathFinder.find_spec(parts[0], [str(Path.cwd())])
        if spec is None:
            break
        if spec.origin and Path(spec.origin).is_file():
            found.append(Path(spec.origin))
        path = list(spec.submodule_search_locations or [])
    return tuple(found)


def _full(name: str) -> str:
    """The name with its file's whole path: the same whatever folder one stands in later."""
    where, _, attribute = name.rpartition(":")
    if not where.endswith(".py"):
        return name
    try:
        return f"{at_home(where).resolve()}:{attribute}"
    except (OSError, ValueError, RuntimeError) as error:  # a NUL, a loop of links, no such user
        raise BeatNaiveError(f"{_short(name)} does not name a file: {error}") from error


def _short(text: str) -> str:
    r"""A text of any length and any characters, fit for one line.

    >>> _short("a\nb"), len(_short("x" * 999))
    ("'a\\nb'", 62)
    """
    return repr(text if len(text) <= 60 else f"{text[:40]}...{text[-17:]}")
