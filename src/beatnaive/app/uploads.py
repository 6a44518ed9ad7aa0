"""Files that somebody drops: kept as data under the name of their content, never larger than was said."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import AsyncIterator

from beatnaive.app.form import UPLOADS
from beatnaive.app.home import Home, file_of
from beatnaive.app.security import UPLOAD
from beatnaive.core.errors import CannotWrite, InputError


async def kept(home: Home, name: str, content: AsyncIterator[bytes]) -> str:
    """Write an uploaded file into `uploads/`, whole or not at all; its name there: its own, and eight digits of its
    sha256. Raises InputError for an empty one, or another kind of file; CannotWrite."""
    stem, _, ending = file_of(name).rpartition(".")
    folder = home.inside(UPLOADS)
    beside = folder / f".{secrets.token_hex(8)}.part"
    digest, size = hashlib.sha256(), 0
    try:
        folder.mkdir(exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            async for part in content:
                size += len(part)
                if size > UPLOAD:
                    raise InputError(f"{name[:60]} is larger than {UPLOAD:,} bytes")
                digest.update(part)
                file.write(part)
        if size == 0:
            raise InputError(f"{name[:60]} is empty")
        short = f"{stem}-{digest.hexdigest()[:8]}.{ending}"
        beside.replace(home.inside(f"{UPLOADS}/{short}"))
    except OSError as error:
        raise CannotWrite(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return short
