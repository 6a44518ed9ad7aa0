"""What people may hand to a command by mistake or on purpose: a line each."""

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
BASES: dict[str, tuple[str, ...]] = {
    "run": ("--source", "p.csv", "--models", "drift", "--features", "close", "--quiet", "--jobs", "1"),
    "fetch": ("--source", "p.csv"), "explore": ("--source", "p.csv"), "judge": ("p.csv",), "worth": ("run",),
    "audit": ("close", "--seconds", "1"), "forecast": ("--source", "p.csv"), "report": ("run",),
    "explain run": ("run",), "explain guide": ("run",), "ledger add": ("--run", "run"),
    "ledger anchor": ("--url", "nowhere"), "ledger export": ("--out", "out"),
}  # fmt: skip
"""What a command is given besides the odd word, so that it comes to the point."""
WORDS = (
    "-1",
    "0",
    "nan",
    "inf",
    "9223372036854775808",
    "1000000000",
    "x",
    "",
    "1e3",
    "\x00",
    "[/]",
    "\x1b[31m",
    "a=b,c",
)
"""What an option may be given."""
PATIENT = ("--seconds", "--limit", "--runs", "--epochs")
"""Options that allow more time: what they are given is never a large number."""
CODES: dict[str, bytes] = {
    "syntax": b"def f(:\n", "raises": b"raise ValueError('x')\n", "nul": b"\0\n", "exit": b"import sys; sys.exit(0)\n",
    "binary": bytes(range(256)), "empty": b"", "number": b"f = 3\n", "deep": b"(" * 5000, "latin": b"# \xe9\nf = 1\n",
}  # fmt: skip


def commands() -> Iterator[tuple[str, list[str], bool]]:
    """Every command that ends: its words, its options that take a value, and whether it takes arguments.

    `app` serves until it is stopped: it is attacked in tests/app.
    """
    import typer

    from beatnaive.cli import application

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, list[str], bool]]:
        for name, one in command.commands.items():
            if name == "app":
                continue
            if hasattr(one, "commands"):
                yield from below(one, (*words, name))
                continue
            options = [each for each in one.params if each.param_type_name == "option"]
            named = [each.opts[0] for each in options if not each.is_flag]
            yield " ".join((*words, name)), named, len(one.params) > len(options)

    yield from below(typer.main.get_command(application([])), ())


def everything(finished: Path) -> Callable[[Path], None]:
    """Thirty closes, a run, and a ledger without forecasts."""

    def write(folder: Path) -> None:
        from beatnaive.forecasting.ledger.ledger import init

        prices(folder)
        odd_paths(folder)
        shutil.copytree(finished, folder / "run")
        init(folder / "ledger")

    return write


def resealed(folder: Path, **changes: object) -> None:
    """The record of a run folder, its hashes made to fit whatever the folder holds."""
    from beatnaive.runs.folder import HASHED, sealed, sha256

    record = json.loads((folder / "run.json").read_text())
    record["files"] = {name: sha256((folder / name).read_bytes()) for name in HASHED if (folder / name).is_file()}
    record["study_sha256"] = sha256((folder / "study.toml").read_bytes())
    (folder / "run.json").write_text(sealed({**record, **changes}))


def all_of(finished: Path, *, seed: int = 0, drawn: int = 200) -> Iterator[Attack]:
    """Every attack; `finished` is a run folder in good order. seed: of what is drawn; drawn: how many are made up."""
    rng = random.Random(seed)
    for key in KEYS:
        pool = NUMBERS + TYPES if key.count(".") or key in ("seed", "seeds", "placebo") else TYPES
        for value in rng.sample(pool, 6):
            yield Attack(f"study {key} = {value[:20]}", STUDIES, study(key, value))
    for name in NAMES:
        yield Attack(f"model {name[:20]!r}", STUDIES, named(name))
    for what, content in CONTENTS.items():
        if content is not None:
            yield Attack(f"study is {what}", STUDIES, file_of("s.toml", content))
            yield Attack(f"forecast file is {what}", ("score", "f.json"), file_of("f.json", content))
            yield Attack(f"table is {what}", ("judge", "t.csv"), file_of("t.csv", content))
            yield Attack(f"release is {what}", ("fetch", "--release", "r.csv", "A"), file_of("r.csv", content))
            yield Attack(f"joined file is {what}", (*STUDIES[:1], *RELEASED), file_of("r.csv", content))
            yield Attack(f"notebook is {what}", ("audit", "n.ipynb", "--predictions", "p"), file_of("n.ipynb", content))
            for verb in ("show", "verify", "settle"):
                yield Attack(f"ledger {verb}, it is {what}", ("ledger", verb), ledger_of(content))
    for file in FILES:
        for what in CONTENTS:
            yield Attack(f"report, {file} is {what}", ("report", "run"), damaged(file, what, finished))
            if file in ("run.json", "study.toml", "verdict.json", "forecasts.parquet"):
                yield Attack(f"forecast, {file} is {what}", ("forecast", "--run", "run"), damaged(file, what, finished))
                yield Attack(f"worth, {file} is {what}", ("worth", "run"), damaged(file, what, finished))
            if file in ("run.json", "study.toml"):
                yield Attack(
                    f"resume, {file} is {what}", ("run", "--resume", "run", "--quiet"),
                    damaged(file, what, finished, "interrupted"),
                )  # fmt: skip
                yield Attack(f"explain, {file} is {what}", ("explain", "run", "run"), damaged(file, what, finished))
    for command, options, arguments in commands():
        words = (*command.split(), *BASES.get(command, ()))
        for path in rng.sample(PATHS, 4) if arguments else ():
            yield Attack(f"{command} {path[:20]!r}", (*command.split(), path), everything(finished))
        for option in options:
            pool = [word for word in (*WORDS, *PATHS) if option not in PATIENT or not word[:1].isdigit()]
            for word in rng.sample(pool, 4):
                name = f"{command} {option} {word[:20]!r}"
                yield Attack(name, (*words, option, word), everything(finished))
    for what, content in CODES.items():
        for words in (
            ("run", "--source", "p.csv", "--models", "u.py:f", "--quiet"),
            ("run", "--source", "p.csv", "--models", "drift", "--features", "u.py:f", "--quiet"),
            ("run", "--source", "u.py:f", "--quiet"),
        ):
            yield Attack(f"{words[3]} {words[-2]}, u.py is {what}", words, file_of("u.py", content))
    for _ in range(drawn):
        yield rng.choice((bytes_changed, value_changed, options_drawn))(rng, finished)


RELEASED = (
    "--source",
    "p.csv",
    "--models",
    "drift",
    "--features",
    "close",
    "--with",
    "r.csv",
    "--quiet",
    "--jobs",
    "1",
)
READERS = {
    "s.toml": ("run --study s.toml --quiet --jobs 1", "forecast --study s.toml --quiet"),
    "f.json": ("score f.json",), "r.csv": ("fetch --release r.csv ^GSPC",),
    "p.csv": ("judge p.csv", "fetch --source p.csv", "run --source p.csv --models drift --features close --quiet"),
    "ledger/ledger.sqlite": ("ledger show", "ledger verify", "ledger settle", "ledger export --out out"),
    "run/study.toml": ("report run", "worth run", "forecast --run run", "run --resume run --quiet"),
    "run/forecasts.parquet": ("report run", "worth run", "forecast --run run", "ledger add --run run"),
    "run/bars.parquet": ("worth run",), "run/scores.csv": ("report run",), "run/timings.csv": ("report run",),
    "run/verdict.json": ("report run", "forecast --run run", "ledger add --run run"),
    "run/worth.json": ("report run", "worth run"), "run/fits.json": ("report run",),
    "run/findings.json": ("report run",), "run/run.json": ("report run", "worth run", "run --resume run --quiet"),
    "run/models/drift/-1/0/model.json": ("forecast --run run", "ledger add --run run"),
    "run/units/drift/0/-1/0.npz": ("run --resume run --quiet",),
}  # fmt: skip
"""Who reads a file."""
STUDY = (
    'source = { kind = "file", path = "p.csv" }\nfeatures = ["close"]\nseed = 1\nmodels.naive = {}\nmodels.drift = {}\n'
)
RELEASE = "period_end,known_at,value\n" + "".join(f"2020-{m:02d}-28,2020-{m + 1:02d}-10,{m}\n" for m in range(1, 12))
ODD = (
    None, 0, -1, 1e308, True, "x", "", [], {}, [None], {"a": 1}, 2**63, "\x1b[31m", "[/]", "9" * 400, "../../x", [[[]]],
    "2020-13-45", "nan",
)  # fmt: skip


def ledger_of(content: bytes) -> Callable[[Path], None]:
    """A ledger whose file holds something else."""

    def write(folder: Path) -> None:
        (folder / "ledger").mkdir()
        (folder / "ledger" / "ledger.sqlite").write_bytes(content)

    return write


def _laid_out(folder: Path, finished: Path) -> None:
    """All files of `READERS`, in good order."""
    everything(finished)(folder)
    (folder / "s.toml").write_text(STUDY)
    (folder / "r.csv").write_text(RELEASE)
    shutil.copy(Path(__file__).parents[1] / "runs" / "old" / "forecast.json", folder / "f.json")


def _handed_on(folder: Path, file: str, words: str) -> None:
    """The hashes of a run made to fit, where it is not the record itself that was changed."""
    if file.startswith("run/") and file != "run/run.json":
        state = {"state": "interrupted"} if "--resume" in words else {}
        models = {}
        if "/models/" in file:
            from beatnaive.runs.folder import sha256

            record = json.loads((folder / "run" / "run.json").read_text())
            models = {"models": {**record["models"], file[4:]: sha256((folder / file).read_bytes())}}
        resealed(folder / "run", **state, **models)


def bytes_changed(rng: random.Random, finished: Path) -> Attack:
    """A file some of whose bytes are others, every hash fitting."""
    file, number = rng.choice(list(READERS)), rng.randrange(2**32)
    words = rng.choice(READERS[file])

    def write(folder: Path) -> None:
        own = random.Random(number)
        _laid_out(folder, finished)
        content = bytearray((folder / file).read_bytes())
        for _ in range(own.choice((1, 1, 2, 8))):
            k, n = own.randrange(len(content) + 1), own.choice((1, 1, 4, 40))
            content[k : k + own.choice((0, n))] = own.choice(
                (
                    own.randbytes(n),
                    b"",
                    bytes(content[k : k + n]) * 3,
                    own.choice((b"-1", b"nan", b"1e999", b'"', b"\n", b"[")),
                )
            )
        (folder / file).write_bytes(content)
        _handed_on(folder, file, words)

    return Attack(f"{words}, {file} changed by {number}", tuple(words.split()), write)


def value_changed(rng: random.Random, finished: Path) -> Attack:
    """A JSON file one of whose values is of another kind, every hash fitting."""
    file = rng.choice([name for name in READERS if name.endswith(".json")])
    words, value, number = rng.choice(READERS[file]), rng.choice(ODD), rng.randrange(2**32)

    def write(folder: Path) -> None:
        own = random.Random(number)
        _laid_out(folder, finished)
        data = at = json.loads((folder / file).read_text())
        for depth in range(own.choice((1, 2, 2, 3, 4, 5))):
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key, parent = own.choice(keys), at
            if not isinstance(at[key], dict | list) or depth == 4:
                break
            at = at[key]
        if data:
            parent[key] = value
        text = json.dumps(data)
        if file == "run/run.json":
            from beatnaive.runs.folder import sealed

            text = sealed(data)
        (folder / file).write_text(text)
        _handed_on(folder, file, words)

    return Attack(f"{words}, {file}: {str(value)[:20]!r} by {number}", tuple(words.split()), write)


def options_drawn(rng: random.Random, finished: Path) -> Attack:
    """A command with a few odd options at once."""
    command, options, _ = rng.choice([one for one in commands() if one[1]])
    chosen = rng.sample(options, min(len(options), rng.choice((1, 2, 3))))
    words = [*command.split(), *BASES.get(command, ())]
    for option in chosen:
        pool = [word for word in (*WORDS, *PATHS) if option not in PATIENT or not word[:1].isdigit()]
        words += [option, rng.choice(pool)]
    return Attack(" ".join(words)[:100], tuple(words), everything(finished))


def has_devices() -> bool:
    """Whether this system has pipes and /dev/zero."""
    return hasattr(os, "mkfifo") and Path("/dev/zero").exists()
