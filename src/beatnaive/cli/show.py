"""How a run looks on a terminal: what it is about to do, how far it is, and the table at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.core.phrases import p_number, printable, printable_json

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
    from rich.table import Table

    from beatnaive.core.types import Finding
    from beatnaive.judging.diagnosis import Diagnosis
    from beatnaive.study.pipeline import Result
    from beatnaive.study.spec import Study

WIDE = 132
"""Columns of output that is piped; no table is wider."""

HEADS = (
    "model", "params", "MAE", "RMSE", "MAPE %", "R2", "skill %", "seeds' RMSE", "p adj.", "MDE %", "fit s", "ruling",
)  # fmt: skip
DISPENSABLE = ("fit s", "MAPE %", "MAE", "R2", "params", "seeds' RMSE", "MDE %")
"""Columns that a narrow terminal does without, the first of them first."""

SEVERITY = {"fatal": "bold red", "doubt": "yellow", "note": "dim"}


def console_of(stderr: bool = False) -> Console:
    """A console that never wraps a table because its output is piped, and shows what it would else obey."""
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False)
    console = console if console.is_terminal else Console(stderr=stderr, highlight=False, width=WIDE)
    console.push_render_hook(_Shown())  # type: ignore[arg-type]
    return console


@dataclass(frozen=True)
class _Shown:
    """What is about to be printed, its texts `printable`: files bring names and words that others wrote."""

    content: tuple[ConsoleRenderable, ...] = ()

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[_Shown]:
        """The hook of a console: what it prints passes through here first."""
        return [_Shown(tuple(renderables))]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The segments of the content; those that move the cursor are Rich's own."""
        from rich.segment import Segment

        for one in self.content:
            for segment in console.render(one, options):
                yield segment if segment.control else Segment(printable(segment.text), segment.style)


def say(text: object) -> None:
    """A line on standard output."""
    print(printable(str(text)))


def say_json(text: str) -> None:
    """A JSON text on standard output, at once."""
    print(printable_json(text).removesuffix("\n"), flush=True)


def announce(study: Study, folder: Path, quiet: bool) -> None:
    """One line: which study, which data, how many models and seeds, where it goes."""
    from rich.markup import escape

    if quiet:
        return
    source, curve = study.source, study.learning_curve
    what = ", ".join(source.symbols) or source.path or source.kind
    ahead = "next close" if study.target.kind == "return" else "next variance"
    if study.target.horizon > 1:
        ahead = f"{study.target.kind} {study.target.horizon} sessions ahead"
    contest = f"{len(study.models)} models"
    if curve is not None:
        sizes = ", ".join(map(str, curve.sizes))
        contest = f"{curve.model} trained on {sizes} symbols, in up to {curve.orders} orders"
    console_of(stderr=True).print(
        f"[bold]{escape(study.name)}[/bold]: "
        + escape(
            f"{what} from {source.kind}; {ahead}; {contest}, "
            f"{study.seeds} seed{'s' if study.seeds > 1 else ''} per stochastic model; into {folder}"
        ),
        soft_wrap=True,
    )


class ProgressLines:
    """Progress where standard error is no terminal: ten plain lines for the fits, one for each stage after them."""

    def __init__(self, unit: str = "fits") -> None:
        self._unit, self._told = unit, -1

    def __call__(self, done: int, total: int, what: str) -> None:
        tenth = 10 * done // total if total else self._told + 1
        if tenth > self._told:
            self._told = tenth
            count = " ".join((f"{done}/{total}", self._unit)).strip() + " " if total else ""
            print(printable(count + _doing(done, total, what)), file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Nothing: lines stay."""


class ProgressBar:
    """Progress on a terminal: a bar, which counts where there is something to count."""

    def __init__(self, unit: str = "fits") -> None:
        from rich import progress

        columns = (
            progress.TextColumn("{task.description:<18}", markup=False), progress.BarColumn(),
            progress.TextColumn("{task.fields[count]}"), progress.TimeElapsedColumn(),
            progress.TextColumn("{task.fields[left]}"), progress.TimeRemainingColumn(),
        )  # fmt: skip
        self._unit = unit
        self._bar = progress.Progress(*columns, console=console_of(stderr=True), transient=True)
        self._task = self._bar.add_task("fitting", total=None, count="", left="")

    def __call__(self, done: int, total: int, what: str) -> None:
        if total:
            count = f"{done}/{total} {self._unit}"
            self._bar.update(self._task, completed=done, total=total, count=count, left="left", refresh=True)
        self._bar.update(self._task, description=_doing(done, total, what))
        self._bar.start()

    def clear(self) -> None:
        """Take the bar off the screen; the next call begins another one, of a stage whose length is not known."""
        self._bar.stop()
        self._bar.reset(self._task, start=True, total=None, completed=0, count="", left="")


@contextmanager
def progress_to(quiet: bool, unit: str = "fits") -> Iterator[ProgressLines | ProgressBar | None]:
    """What is told of a run on standard error: a bar on a terminal, plain lines elsewhere, nothing if quiet."""
    if quiet:
        yield None
        return
    told = ProgressBar(unit) if sys.stderr.isatty() else ProgressLines(unit)
    try:
        yield told
    finally:
        told.clear()


def _doing(done: int, total: int, what: str) -> str:
    """The model that was fitted last; after the last fit, what comes then. A stage without fits has total 0."""
    return "judging" if 0 < total == done else what or "fitting"


def show_result(result: Result, console: Console | None = None) -> None:
    """Findings, the table with naive in it, the verdict's words, and the reasons; on the screen when it returns."""
    console = console or console_of()
    for line in finding_lines(result.findings):
        console.print(line, soft_wrap=True)
    table, without = table_within(result, console)
    console.print(table)
    if without:
        console.print(f"(no room for {', '.join(without)}: see scores.csv, or a wider window)", style="dim")
    console.print(result.verdict.words, markup=False)
    if result.information is not None:
        console.print(result.information.words, markup=False)
    if result.curve is not None:
        console.print(result.curve.words, markup=False)
    parameters = {str(row["model"]): float(row["parameters"] or 0) for row in result.scores}
    for line in reason_lines(result.reasons, parameters):
        console.print(f"- {line}", markup=False)
    if result.placebo is not None:
        console.print(result.placebo.words, markup=False)
    if result.placebo_of_worth is not None:
        console.print(result.placebo_of_worth.words, markup=False)
    console.file.flush()


def show_places(folder: Path, console: Console | None = None, *, sentence: bool = True) -> None:
    """What the forecasts would have earned, if wanted in a sentence, and where everything of a finished run lies."""
    console = console or console_of()
    if sentence and (line := worth_line(folder)):
        console.print(line, markup=False)
    console.print()
    for label, name in (("report", "report.html"), ("plots", "plots"), ("models", "models"), ("all files", "")):
        console.print(f"{label:<10} {folder / name}", markup=False, soft_wrap=True)


def worth_line(folder: Path) -> str:
    """Whether the best forecasts would have paid, in one sentence; empty where nothing is traded."""
    import json

    path = folder / "worth.json"
    if not path.is_file():
        return ""
    found = json.loads(path.read_text(encoding="utf-8"))
    return str(found.get("sentence") or found["words"])


def reason_lines(reasons: Sequence[Diagnosis], parameters: Mapping[str, float]) -> list[str]:
    """One line per kind of reason: told of the model with the most parameters, the others of the same kind named.

    Seeds that decide whether a model beats naive are another kind than seeds that lie far apart on one side of it.
    """
    kinds: dict[tuple[str, bool], list[Diagnosis]] = {}
    for reason in reasons:
        if reason.applies:
            kinds.setdefault((reason.kind, bool(reason.details.get("decides"))), []).append(reason)
    lines = []
    for same in kinds.values():
        largest, *others = sorted(same, key=lambda one: -parameters[one.model])
        lines.append(largest.words + (f" Also: {', '.join(one.model for one in others)}." if others else ""))
    return lines


def finding_lines(findings: Sequence[Finding]) -> list[str]:
    """One line per kind of finding: told of the first symbol, the others named."""
    from rich.markup import escape

    kinds: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.severity, finding.kind), []).append(finding)
    lines = []
    for first, *rest in kinds.values():
        others = [one.symbol for one in rest]
        more = f", and {len(others) - 6} more" if len(others) > 6 else ""
        too = f" Also: {', '.join(others[:6])}{more}." if others else ""
        text = f"{first.symbol}: {first.message} ({first.mend}).{too}"
        style = SEVERITY[first.severity]
        lines.append(f"[{style}]{first.severity}[/{style}]: {escape(text)}")
    return lines


def table_within(result: Result, console: Console) -> tuple[Table, list[str]]:
    """The table as wide as the console allows, and the columns that were left out for it."""
    table, without = table_of(result), list[str]()
    for head in DISPENSABLE:
        if console.measure(table, options=console.options.update(width=WIDE)).maximum <= console.width:
            break
        without.append(head)
        table = table_of(result, without)
    return table, without


def table_of(result: Result, without: Sequence[str] = ()) -> Table:
    """A row per model: size, errors, skill against naive, seed spread, p, detectable effect, ruling, seconds."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    first_symbol = result.scores[0]["symbol"]
    rows: list[Mapping[str, Any]] = [
        row for row in result.scores if row["symbol"] == first_symbol and row["model"] in result.tracks
    ]
    many = len(result.samples.inputs.symbols)
    what = f"{many} symbols pooled" if rows[0]["symbol"] == "*" else str(rows[0]["symbol"])
    unit = "variance" if result.samples.target.name == "volatility" else "price"
    first, last = result.losses.session[[0, -1]].astype("datetime64[D]")
    title = f"{what}: {rows[0]['n']:,} forecasts made {first} to {last}, errors in units of the {unit}"
    table = Table(
        title=Text(title, style="table.title"),
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    shown = [k for k, head in enumerate(HEADS) if head not in without]
    for head in (HEADS[k] for k in shown):
        table.add_column(head, justify="left" if head in ("model", "ruling") else "right", no_wrap=True)
    rulings: Mapping[str, Any] = result.verdict.to_json()["models"]
    for row in rows:
        name = str(row["model"])
        ruling = rulings.get(name, {})
        ends = (_number(row["seed_rmse_min"]), _number(row["seed_rmse_max"]))
        spread = "-".join(dict.fromkeys(ends))  # a single seed is one number, not a range
        seconds = sum(fit.seconds for fit in result.tracks[name].facts.values())
        cells = [
            escape(name),
            "" if row["parameters"] is None else f"{row['parameters']:,}",
            _number(row["mae"]),
            _number(row["rmse"]),
            _fixed(row["mape"], 3),
            _fixed(row["r2"], 4),
            _fixed(row["skill_pct"], 2, sign=True),
            spread,
            p_number(ruling.get("p_adjusted")),
            _fixed(ruling.get("mde_pct"), 2),
            f"{seconds:.1f}",
            ruling.get("ruling") or "",
        ]
        table.add_row(*(cells[k] for k in shown))
    return table


def _number(value: float | None) -> str:
    """Five significant digits, so that prices and variances both read well."""
    return "" if value is None else f"{value:#.5g}".rstrip(".")


def _fixed(value: float | None, digits: int, sign: bool = False) -> str:
    return "" if value is None else f"{value:{'+' if sign else ''}.{digits}f}"
