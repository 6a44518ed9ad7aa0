"""The one folder that the app shows: nothing outside it is read or written, whatever a path says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from beatnaive.core.documents import shown
from beatnaive.core.errors import CannotWrite, InputError

OWN = ".beatnaive-app"
"""The folder inside it in which the app keeps what it made: its index, logs, pages."""
DEPTH, MOST = 4, 20_000
"""How deep, and among how many folders, runs are looked for."""


@dataclass(frozen=True)
class Home:
    """A folder, its links resolved once, when the app starts."""

    root: Path

    @classmethod
    def at(cls, folder: Path) -> Home:
        """The folder, which must be there. Raises InputError."""
        try:
            root = Path(os.path.realpath(folder, strict=True))
        except (OSError, ValueError) as error:
            raise InputError(f"{shown(folder)} is not a folder: name one with runs, or an empty one") from error
        if not root.is_dir():
            raise InputError(f"{shown(folder)} is not a folder: name one with runs, or an empty one")
        return cls(root)

    def inside(self, relative: str) -> Path:
        """The file or folder of that path below the root, which need not be there.

        Raises InputError for a path that leads out of it, by its words or by a link on the way.
        """
        parts = relative.split("/")
        if any(part in ("", ".", "..") or not part.isprintable() or "\\" in part or ":" in part[1:2] for part in parts):
            raise InputError(f"{shown(relative)} is not a path inside this app's folder")
        path = self.root
        for part in parts:
            path = path / part
            if path.is_symlink():
                raise InputError(f"{shown(relative)} is a link: the app follows none")
        return path

    def name_of(self, path: Path) -> str:
        """A path below the root as the app's addresses have it."""
        return path.relative_to(self.root).as_posix()

    @cached_property
    def own(self) -> Path:
        """The app's own folder. Raises CannotWrite where it cannot be made, or is a link."""
        folder = self.root / OWN
        if folder.is_symlink():
            raise CannotWrite(f"{shown(folder)} is a link: remove it")
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotWrite(f"cannot write {shown(folder)}: {error.strerror or error}") from error
        return folder

    @property
    def runs(self) -> Path:
        """Where new runs go: beside those that lie in the root itself, else into runs/, as `beatnaive run` does."""
        beside = self.root.name == "runs" or any(one.is_file() for one in self.root.glob("*/run.json"))
        return self.root if beside else self.root / "runs"

    def run_folders(self) -> Iterator[Path]:
        """Every run folder below the root, links and hidden folders left out."""
        seen, level = 0, [self.root]
        for _ in range(DEPTH):
            below: list[Path] = []
            for folder in level:
                try:
                    with os.scandir(folder) as entries:
                        found = [one for one in entries if one.is_dir(follow_symlinks=False)]
                except OSError:
                    continue
                for one in found:
                    seen += 1
                    if seen > MOST:
                        return
                    if one.name.startswith(".") or one.name == "node_modules" or not one.name.isprintable():
                        continue
                    if os.path.exists(f"{one.path}/run.json"):  # noqa: PTH110 - a thousand times faster matter here
                        yield Path(one.path)
                    else:
                        below.append(Path(one.path))
            level = below


def file_of(name: str) -> str:
    """What an uploaded file is called here: its own name without what could be a path, ending as data does.

    Raises InputError for any other ending: nothing that Python would import is ever stored.

    >>> file_of("../My prices (1).CSV")
    'My_prices_1_.csv'
    """
    stem, dot, ending = re.split(r"[/\\]", name)[-1].rpartition(".")
    if not dot or ending.lower() not in ("csv", "parquet", "txt", "tsv"):
        raise InputError(
            f"{shown(name)} is not a CSV or Parquet file: its name must end in .csv, .txt, .tsv or .parquet"
        )
    short = re.sub(r"[^\w-]+", "_", stem, flags=re.ASCII)[-60:].lstrip("_-") or "file"
    return f"{short}.{ending.lower()}"
