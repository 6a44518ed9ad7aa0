"""What people may hand to a command by mistake or on purpose: a line each."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

NUMBERS = ("-1", "0", "nan", "-inf", "inf", "9223372036854775808", "1000000000", "1e300", "0.5")
TYPES = (
    "'x'",
    "''",
    "[]",
    "[1, 'a']",
    "{}",
    "{a = {b = 1}}",
    "true",
    "2020-01-01",
    "25:61:00",
    "'\\u0000'",
    "''' ''' ",
)
"""What a TOML key may be given; some are not even TOML."""
KEYS = (
    "source", "source.kind", "source.symbols", "source.path", "source.start", "source.end", "source.as_of",
    "source.years", "source.fill", "source.calendar", "source.dates", "source.refresh", "source.synthetic",
    "source.synthetic.n", "source.synthetic.seed", "source.synthetic.volatility", "target", "target.kind",
    "target.horizon", "features", "exclude", "split", "split.kind", "split.train", "split.window", "split.first",
    "split.refit_every", "split.length", "split.least", "split.test", "intervals", "intervals.memory",
    "intervals.step", "intervals.decay", "intervals.least", "seed", "seeds", "loss", "placebo", "learning_curve",
    "learning_curve.model", "learning_curve.sizes", "models", "models.m", "models.m.kind", "models.m.per_symbol",
    "models.m.learn_from", "models.m.window",
)  # fmt: skip
NAMES = (
    "../../x",
    "/abs",
    "",
    ".",
    "..",
    "a,b",
    'a\\"b',
    "x" * 300,
    "a/b",
    "a:b",
    "nul",
    "a\\nb",
    "-x",
    "a ",
    "\\u202e",
)

CONTENTS: dict[str, bytes | None] = {
    "empty": b"", "binary": bytes(range(256)), "{}": b"{}", "null": b"null", "[]": b"[]", "text": b"hello", "3": b"3",
    "deep": b"[" * 5000, "folder": None, "gone": None, "pipe": None, "loop": None, "device": None, "cut": None,
}  # fmt: skip
"""What a file may turn out to be."""
FILES = (
    "run.json", "study.toml", "findings.json", "forecasts.parquet", "scores.csv", "timings.csv", "fits.json",
    "verdict.json",
)  # fmt: skip
PATHS = ("nowhere", ".", "/dev/zero", "pipe", "loop", "x" * 6000, "/" + "y/" * 3000, "a\nb", "~nobody_at_all/x", "")
"""What may be given where a file or folder is meant."""


@dataclass(frozen=True)
class Attack:
    """A command line, and how the folder it is called in is prepared."""

    name: str
    words: tuple[str, ...]
    prepare: Callable[[Path], None] = lambda folder: None


def replaced(path: Path, what: str) -> None:
    """The file, turned into something else."""
    content = path.read_bytes() if path.is_file() else b"x"
    if path.exists():
        path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "loop":
        path.symlink_to(path.name)
    elif what == "device":
        path.symlink_to("/dev/zero")
    elif what == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif what != "gone":
        path.write_bytes(CONTENTS[what] or b"")


def odd_paths(folder: Path) -> None:
    """A pipe and a loop of links."""
    replaced(folder / "pipe", "pipe")
    replaced(folder / "loop", "loop")


def prices(folder: Path) -> None:
    """Thirty closes: too few for any study, so that one that is accepted ends early, too."""
    rows = [f"2020-01-{day:02d},{100 + day}" for day in range(1, 31)]
    (folder / "p.csv").write_text("\n".join(["Date,Close", *rows]) + "\n")


def study(key: str, value: str) -> Callable[[Path], None]:
    """A study with one odd line."""

    def write(folder: Path) -> None:
        prices(folder)
        base = {
            "source.kind": "'file'", "source.path": "'p.csv'", "models.naive.kind": "'naive'",
            "models.m.kind": "'moving_average'",
        }  # fmt: skip
        lines = [f"{one} = {text}" for one, text in base.items() if not (f"{one}.").startswith(f"{key}.")]
        (folder / "s.toml").write_text("\n".join([*lines, f"{key} = {value}"]) + "\n")

    return write


def named(name: str) -> Callable[[Path], None]:
    """A study whose model bears this name."""
    return study(f'models."{name}".kind', "'drift'")


def damaged(file: str, what: str, finished: Path, state: str = "complete") -> Callable[[Path], None]:
    """A run folder one of whose files is something else."""

    def write(folder: Path) -> None:
        shutil.copytree(finished, folder / "run")
        if state != "complete" and file != "run.json":
            from beatnaive.runs.folder import sealed

            record = json.loads((folder / "run" / "run.json").read_text())
            (folder / "run" / "run.json").write_text(sealed({**record, "state": state}))
        replaced(folder / "run" / file, what)

    return write


def file_of(name: str, content: bytes) -> Callable[[Path], None]:
    """A file with this content."""

    def write(folder: Path) -> None:
        prices(folder)
        (folder / name).write_bytes(content)

    return write


STUDIES = ("run", "--study", "s.toml", "--quiet", "--jobs", "1")
OPTIONS = (
    ("run", "--source", "p.csv", "--models", "drift", "--features", "close", "--quiet"),
    ("forecast", "--source", "p.csv"), ("judge", "p.csv"), ("explain", "cell"), ("explain", "shapes"),
)  # fmt: skip
OF = {
    "run": ("--seeds", "--horizon", "--placebo", "--jobs", "--start", "--loss", "--target", "--fill", "--engine"),
    "forecast": ("--horizon", "--start", "--as-of"),
    "judge": ("--horizon", "--trials", "--loss", "--y"),
    "cell": ("--units", "--inputs", "--seed"),
    "shapes": ("--units", "--inputs", "--steps", "--batch"),
}
WORDS = ("-1", "0", "nan", "inf", "9223372036854775808", "1000000000", "x", "", "1e3", "\x00")
CODES: dict[str, bytes] = {
    "syntax": b"def f(:\n", "raises": b"raise ValueError('x')\n", "nul": b"\0\n", "exit": b"import sys; sys.exit(0)\n",
    "binary": bytes(range(256)), "empty": b"", "number": b"f = 3\n", "deep": b"(" * 5000, "latin": b"# \xe9\nf = 1\n",
}  # fmt: skip


def all_of(finished: Path) -> Iterator[Attack]:
    """Every attack; `finished` is a run folder in good order."""
    for key in KEYS:
        for value in NUMBERS + TYPES if key.count(".") or key in ("seed", "seeds", "placebo") else TYPES:
            yield Attack(f"study {key} = {value[:20]}", STUDIES, study(key, value))
    for name in NAMES:
        yield Attack(f"model {name[:20]!r}", STUDIES, named(name))
    for what, content in CONTENTS.items():
        if content is not None:
            yield Attack(f"study is {what}", STUDIES, file_of("s.toml", content))
            yield Attack(f"forecast file is {what}", ("score", "f.json"), file_of("f.json", content))
            yield Attack(f"table is {what}", ("judge", "t.csv"), file_of("t.csv", content))
    for file in FILES:
        for what in CONTENTS:
            yield Attack(f"report, {file} is {what}", ("report", "run"), damaged(file, what, finished))
            if file in ("run.json", "study.toml", "verdict.json", "forecasts.parquet"):
                yield Attack(f"forecast, {file} is {what}", ("forecast", "--run", "run"), damaged(file, what, finished))
            if file in ("run.json", "study.toml"):
                yield Attack(
                    f"resume, {file} is {what}", ("run", "--resume", "run", "--quiet"),
                    damaged(file, what, finished, "interrupted"),
                )  # fmt: skip
                yield Attack(f"explain, {file} is {what}", ("explain", "run", "run"), damaged(file, what, finished))
    for path in PATHS:
        for words in (
            ("run", "--study", f"{path}.toml"), ("run", "--resume", path), ("report", path), ("score", path),
            ("judge", path), ("forecast", "--run", path), ("explain", "run", path), ("audit", f"{path}:f"),
        ):  # fmt: skip
            yield Attack(f"{' '.join(words)[:40]!r}", words, odd_paths)
    for words in OPTIONS:
        for option in OF[words[1] if words[0] == "explain" else words[0]]:
            for word in WORDS:
                yield Attack(f"{words[0]} {option} {word!r}", (*words, option, word), prices)
    for what, content in CODES.items():
        for words in (
            ("run", "--source", "p.csv", "--models", "u.py:f", "--quiet"),
            ("run", "--source", "p.csv", "--models", "drift", "--features", "u.py:f", "--quiet"),
            ("run", "--source", "u.py:f", "--quiet"),
        ):
            yield Attack(f"{words[3]} {words[-2]}, u.py is {what}", words, file_of("u.py", content))


def has_devices() -> bool:
    """Whether this system has pipes and /dev/zero."""
    return hasattr(os, "mkfifo") and Path("/dev/zero").exists()
