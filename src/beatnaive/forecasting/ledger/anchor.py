"""Anchors: a time-stamp service's word that a head existed at an instant (RFC 3161), in files beside the ledger.

`anchors/000042.json` says what is stamped, in canonical JSON: the ledger's name, the number of an entry and its hash;
`anchors/000042.tsr` is the service's signed answer about the sha256 of that file. Copy both elsewhere, too: whoever can
make the chain anew can also delete what lies beside it. `openssl ts -verify -data X.json -in X.tsr` checks the same.

Reference: RFC 3161, doi:10.17487/RFC3161.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beatnaive.core.documents import json_of, read_bytes, shown
from beatnaive.core.errors import DataRefused, InputError, SourceUnreachable
from beatnaive.core.files import write_atomically
from beatnaive.forecasting.ledger import chain, clock

FORMAT = "beatnaive anchor 1"
FOLDER = "anchors"
LARGEST = 1 << 20
"""Bytes of the largest answer that is read."""
TIMEOUT = 30.0
SECONDS = 300
"""By how much the service's clock may differ from the machine's before `anchor` says so."""


@dataclass(frozen=True, kw_only=True)
class Anchored:
    """A stamped head: number and hash of the entry, the instant that the service states (UTC), the token's file, and
    whether its signature was checked against a given root certificate."""

    number: int
    hash: str
    at: str
    file: str
    signed: bool


def anchor(folder: Path, url: str, *, roots: Sequence[Path] = ()) -> Anchored:
    """Have the last head stamped by the service at `url`; written down only where its answer is about that head.

    roots: certificates (PEM) that the service's signature must lead to; without them its answer is only compared. Needs
    the extra `anchor`. Raises InputError, SourceUnreachable where there is no answer, DataRefused for a wrong one.
    """
    library, trusted = _library(), certificates(roots)
    with chain.opened(folder) as connection:
        number, head = chain.head(connection)
        name = chain.get(connection, 1).data["ledger"]
    text = chain.canonical({"format": FORMAT, "ledger": name, "number": number, "hash": head}).encode()
    path = folder / FOLDER / f"{number:06}.json"
    if path.exists() and path.with_suffix(".tsr").exists():
        return _checked(path, trusted)
    request = (
        library.TimestampRequestBuilder().data(text).hash_algorithm(library.HashAlgorithm.SHA256)
        .nonce(nonce=True).cert_request(cert_request=True).build()
    )  # fmt: skip
    answer = _asked(url, request.as_bytes())
    found = _token(answer, url)
    if found.tst_info.nonce != request.nonce or _imprint(found) != hashlib.sha256(text).digest():
        raise DataRefused(f"{shown(url)} answers about something else: nothing was written")
    _at(found)
    if trusted:
        _signature(found, text, trusted, url)
    write_atomically(path, text)
    write_atomically(path.with_suffix(".tsr"), answer)
    return _checked(path, trusted)


def anchors(folder: Path, entries: dict[int, str], name: str, *, roots: Sequence[Path] = ()) -> list[Anchored]:
    """Every anchor beside a ledger against its chain, in the order of entries.

    entries: the hash of each entry by its number; name: the ledger's. Raises DataRefused for a chain that is shorter
    than an anchor's, or that has another entry there; for a token that is about something else or not signed by one of
    `roots`.
    """
    found = []
    trusted = certificates(roots)
    for path in _files(folder):
        one = _checked(path, trusted)
        said = json_of(read_bytes(path, most=LARGEST), shown(path))
        if said.get("ledger") != name:
            raise DataRefused(f"{shown(path)} is of another ledger: the chain was made anew after it")
        if one.number not in entries:
            raise DataRefused(f"entry {one.number} was stamped at {one.at} and is missing: the chain was cut off since")
        if entries[one.number] != one.hash:
            raise DataRefused(
                f"entry {one.number} is not the one that was stamped at {one.at}: the chain was made anew"
            )
        found.append(one)
    return found


def certificates(paths: Sequence[Path]) -> list[Any]:
    """The certificates in PEM files. Raises InputError."""
    if not paths:
        return []
    _library()
    from cryptography import x509

    found = []
    for path in paths:
        try:
            found += x509.load_pem_x509_certificates(read_bytes(path, most=LARGEST))
        except ValueError as error:
            raise InputError(f"{shown(path)} holds no certificate: give one in PEM form", option="root") from error
    return found


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted((folder / FOLDER).glob("*.json")):
        if path.with_suffix(".tsr").exists():
            yield path
        else:
            raise DataRefused(f"{shown(path)} has no token beside it: copy it back")
    for path in sorted((folder / FOLDER).glob("*.tsr")):
        if not path.with_suffix(".json").exists():
            raise DataRefused(f"{shown(path)} has no text beside it: copy it back")


def _checked(path: Path, roots: list[Any]) -> Anchored:
    """An anchor's two files against each other. Raises DataRefused."""
    text = read_bytes(path, most=LARGEST)
    token = path.with_suffix(".tsr")
    found = _token(read_bytes(token, most=LARGEST), str(token))
    if _imprint(found) != hashlib.sha256(text).digest():
        raise DataRefused(f"{shown(token)} is not about {path.name}: one of them was changed")
    if roots:
        _signature(found, text, roots, str(token))
    data = json_of(text, shown(path))
    try:
        number, own = int(data["number"]), str(data["hash"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataRefused(f"{shown(path)} is not an anchor: {error}") from error
    return Anchored(number=number, hash=own, at=_at(found), file=str(token), signed=bool(roots))


def _library() -> Any:
    try:
        import rfc3161_client
    except ImportError as error:
        raise InputError("anchors need rfc3161-client: install beatnaive[anchor]") from error
    return rfc3161_client


def _token(answer: bytes, where: str) -> Any:
    """The service's answer. Raises DataRefused for what is none, or a refusal."""
    library = _library()
    try:
        found = library.decode_timestamp_response(answer)
        status = found.status
        if status != 0:
            raise DataRefused(f"{shown(where)} refuses to stamp: status {status}")
        found.tst_info  # noqa: B018 - a malformed one raises here
    except ValueError as error:
        raise DataRefused(f"{shown(where)} gives no time-stamp: {str(error)[:100]}") from error
    return found


def _imprint(found: Any) -> bytes:
    return bytes(found.tst_info.message_imprint.message)


def _at(found: Any) -> str:
    from datetime import UTC

    return f"{found.tst_info.gen_time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _signature(found: Any, text: bytes, roots: list[Any], where: str) -> None:
    library = _library()
    verifier = library.VerifierBuilder(roots=roots).build()
    try:
        verifier.verify_message(found, text)
    except library.VerificationError as error:
        raise DataRefused(f"{shown(where)} is not signed as it should be: {str(error)[:100]}") from error


def _asked(url: str, request: bytes) -> bytes:
    """A service's answer to a request. Raises InputError for another kind of address, SourceUnreachable."""
    from urllib.error import URLError
    from urllib.request import Request, urlopen

    if not url.startswith(("http://", "https://")):
        raise InputError(f"{shown(url)} is not an address: write http:// or https://", option="url")
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        with urlopen(Request(url, data=request, headers=headers), timeout=TIMEOUT) as answer:
            content = bytes(answer.read(LARGEST + 1))
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceUnreachable(
            f"no answer from {shown(url)} ({str(reason)[:80]}): try again later", option="url"
        ) from error
    if len(content) > LARGEST:
        raise SourceUnreachable(f"{shown(url)} answers with more than a time-stamp", option="url")
    return content


def apart(one: Anchored) -> str | None:
    """What to say when the service's clock and the machine's differ; None where they agree."""
    seconds = int((clock.now() - clock.read(one.at)).astype("timedelta64[s]").astype(int))
    if abs(seconds) <= SECONDS:
        return None
    return f"the machine's clock is {abs(seconds):,} seconds {'ahead of' if seconds > 0 else 'behind'} the service's"
