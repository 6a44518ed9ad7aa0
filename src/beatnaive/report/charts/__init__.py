"""Charts: one function per chart, one definition for PNG and for interactive HTML.

A chart function takes a finished run and returns an Altair chart, or None where the chart does not apply
(loss curves of a run without networks). A new chart is one function plus one row in `CHARTS`.

Altair holds every part of a chart against Vega-Lite's schema, which takes longer than all else about it. Charts are of
one kind whatever the data: the tests hold them all against the schema, a run does not (`unchecked`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from beatnaive.core.files import write_atomically
from beatnaive.core.registry import pick
from beatnaive.core.types import RunData
from beatnaive.report.charts.marks import Chart

if TYPE_CHECKING:
    from beatnaive.prices.explore import Exploration

CHARTS: dict[str, str] = {
    "skill": "beatnaive.report.charts.scores:skill",
    "close_with_forecasts": "beatnaive.report.charts.forecasts:close_with_forecasts",
    "returns_scatter": "beatnaive.report.charts.forecasts:returns_scatter",
    "errors_over_time": "beatnaive.report.charts.errors:errors_over_time",
    "information": "beatnaive.report.charts.information:information",
    "cumulative_loss": "beatnaive.report.charts.errors:cumulative_loss",
    "fluctuation": "beatnaive.report.charts.fluctuation:fluctuation",
    "errors_by_year": "beatnaive.report.charts.errors:errors_by_year",
    "errors_by_volatility": "beatnaive.report.charts.errors:errors_by_volatility",
    "errors_by_weekday": "beatnaive.report.charts.errors:errors_by_weekday",
    "coverage": "beatnaive.report.charts.intervals:coverage",
    "coverage_by_volatility": "beatnaive.report.charts.intervals:coverage_by_volatility",
    "calibration": "beatnaive.report.charts.intervals:calibration",
    "interval_width": "beatnaive.report.charts.intervals:interval_width",
    "crps": "beatnaive.report.charts.distributions:crps",
    "skill_by_symbol": "beatnaive.report.charts.scores:skill_by_symbol",
    "wealth": "beatnaive.report.charts.worth:wealth",
    "cost_curve": "beatnaive.report.charts.worth:cost_curve",
    "rank_correlations": "beatnaive.report.charts.worth:rank_correlations",
    "rmse_bar": "beatnaive.report.charts.scores:rmse_bar",
    "loss_curves": "beatnaive.report.charts.training:loss_curves",
    "learning_curve": "beatnaive.report.charts.learning_curve:learning_curve",
}

EXPLORATION: dict[str, str] = {
    "close_with_averages": "beatnaive.report.charts.exploration:price_with_averages",
    "daily_returns": "beatnaive.report.charts.exploration:daily_returns",
    "boxes": "beatnaive.report.charts.exploration:boxes",
    "histogram": "beatnaive.report.charts.exploration:histogram",
    "autocorrelations": "beatnaive.report.charts.exploration:autocorrelations",
    "drawdowns": "beatnaive.report.charts.exploration:drawdown",
    "volatility": "beatnaive.report.charts.exploration:volatility",
}

PLOTS = (
    "close_with_forecasts", "errors_over_time", "returns_scatter", "loss_curves", "rmse_bar", "learning_curve",
)  # fmt: skip
"""The charts that every run writes as plots/NAME.png; report.html holds them all."""


def draw(name: str, data: RunData) -> Chart | None:
    """One row of `CHARTS` for a finished run; None where the chart does not apply.

    Raises UnknownName for a chart that is in no row.
    """
    with unchecked():
        chart: Chart | None = pick(CHARTS, "chart", name)(data)
    return chart


_made: WeakKeyDictionary[RunData, dict[str, dict[str, Any] | None]] = WeakKeyDictionary()
"""What `specification` made, as long as the run's tables are in memory."""


def specification(name: str, data: RunData) -> dict[str, Any] | None:
    """The chart `name` of a finished run as `to_spec` gives it, made once: the picture and the page show the same one.

    None where the chart does not apply. Raises UnknownName for a chart that is in no row.
    """
    made = _made.setdefault(data, {})
    if name not in made:
        chart = draw(name, data)
        made[name] = None if chart is None else to_spec(chart)
    return made[name]


@contextmanager
def unchecked() -> Iterator[None]:
    """In here Altair does not hold a chart's parts against the schema as they are put together."""
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):
        yield


def compare(runs: Mapping[str, RunData]) -> Chart | None:
    """Skill of every model in several runs, named by the keys; None where no run has rulings."""
    from beatnaive.report.charts.scores import skill_by_run

    return skill_by_run(runs)


def draw_exploration(seen: Exploration) -> dict[str, Chart]:
    """Every chart of `EXPLORATION` that applies to an exploration, by name."""
    with unchecked():
        charts = {name: pick(EXPLORATION, "chart", name)(seen) for name in EXPLORATION}
    return {name: chart for name, chart in charts.items() if chart is not None}


def plots(data: RunData, folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The charts of `PLOTS` that apply to a run, one after the other: the path folder/NAME.png, the specification."""
    for name in PLOTS:
        spec = specification(name, data)
        if spec is not None:
            yield folder / f"{name}.png", spec


def to_spec(chart: Chart) -> dict[str, Any]:
    """The chart as a Vega-Lite specification without a theme: whoever shows it adds `theme.vega_theme(mode)`."""
    spec: dict[str, Any] = chart.to_dict(validate=False)
    spec.pop("config", None)
    return spec


def to_png(spec: dict[str, Any], mode: str = "light", scale: float = 2.0) -> bytes:
    """A specification of `to_spec` as a PNG file's bytes; mode "light" or "dark"; no browser, no network."""
    import vl_convert

    from beatnaive.report.charts.theme import vega_theme

    settings = vega_theme(mode, background=True)
    return bytes(vl_convert.vegalite_to_png(drawable(spec), config=settings, scale=scale))


_NOT_IN_XML = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u00(?:0[0-8bce-f]|1[0-9a-f])|ufff[ef]|[bf])")


def drawable(spec: dict[str, Any]) -> str:
    r"""A specification as JSON whose texts XML can hold: the renderer ends the whole process at any other.

    >>> drawable({"title": "a\x1b[31m \\u001b"})
    '{"title": "a\\ufffd[31m \\\\u001b"}'
    """
    return _NOT_IN_XML.sub(r"\1\\ufffd", json.dumps(spec))


def save_png(chart: Chart, path: Path) -> Path:
    """Write a chart as PNG in the light theme, beside itself first and then renamed; returns the path.

    Raises CannotWrite when the disk is full or the folder cannot be written.
    """
    write_atomically(path, to_png(to_spec(chart)))
    return path
