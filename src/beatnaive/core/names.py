"""Names that become file names: which of them may, and one reversible encoding for those that anybody may choose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, unquote

from beatnaive.core.errors import InputError

LONGEST = 80
"""Characters of a name; a run folder adds a time and a worker's number to it."""
MAY = "letters, digits, space and . _ + - ( ) = ^, beginning with a letter, digit or _, not ending with a dot or space"
TWIN = "~"
"""Between a model and the release that its twin does without; no name that anybody chooses holds it."""
BY_DATE = "!"
"""Between a model and the release that it was given by reference date: a leak, made to be measured and never kept."""
_NAME = re.compile(r"\w([\w .+()=^-]*[\w+()=^-])?")
_OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def checked(name: str, what: str) -> str:
    """The name, which can be a file's or folder's on every system. Raises InputError and says which characters may.

    >>> checked("lstm_2 (own)", "model")
    'lstm_2 (own)'
    >>> checked("../../x", "model")
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.InputError: the model's name '../../x' cannot be a file name: use letters, digits, ...
    """
    shown = name if len(name) <= 40 else f"{name[:30]}..."
    if len(name) > LONGEST:
        raise InputError(f"the {what}'s name {shown!r} has {len(name)} characters: {LONGEST} are the most")
    if not _NAME.fullmatch(name) or _OF_WINDOWS.fullmatch(name) or unicodedata.normalize("NFC", name) != name:
        raise InputError(f"the {what}'s name {shown!r} cannot be a file name: use {MAY}")
    return name


def apart(names: Iterable[str], what: str) -> None:
    """Raise InputError for two names that are equal but for case: many file systems hold them for one."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise InputError(f"the {what}s {other!r} and {name!r} differ in nothing but case: rename one")


def model_of(name: str) -> str:
    """The model that a twin, or a leak made to be measured, was made from; any other name itself.

    >>> model_of("ridge~vix"), model_of("ridge!vix"), model_of("ridge")
    ('ridge', 'ridge', 'ridge')
    """
    return name.partition(TWIN)[0].partition(BY_DATE)[0]


def file_name(symbol: str) -> str:
    """A symbol as a file name; two symbols never share one, and `symbol_of` reads it back.

    Letters, digits and - _ ^ = stay, a dot that neither begins nor ends it, too; all else becomes %XX.

    >>> [file_name(one) for one in ("BRK-B", "^GSPC", "a/b", "a:b", "..", "CON")]
    ['BRK-B', '^GSPC', 'a%2Fb', 'a%3Ab', '%2E%2E', '%43ON']

    Raises InputError for an empty one, and for one that is too long to be a file name.
    """
    encoded = quote(symbol, safe="-_.^=", errors="surrogatepass")
    if encoded.startswith("."):
        encoded = encoded.replace(".", "%2E", 1)
    if encoded.endswith("."):
        encoded = f"{encoded[:-1]}%2E"
    if _OF_WINDOWS.fullmatch(encoded):
        encoded = f"%{ord(encoded[0]):02X}{encoded[1:]}"
    if not 0 < len(encoded) <= 2 * LONGEST:
        raise InputError(f"the symbol {symbol[:30]!r} cannot be a file name: it has {len(symbol)} characters")
    return encoded


def symbol_of(name: str) -> str:
    """The inverse of `file_name`.

    >>> symbol_of(file_name("a/b\u00e4.%"))
    'a/bä.%'
    """
    return unquote(name, errors="surrogatepass")
