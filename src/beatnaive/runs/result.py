"""What a notebook gets: tables as DataFrames, the verdict as words, the page and the charts on demand."""

from __future__ import annotations

import webbrowser
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from beatnaive.core.errors import InputError
from beatnaive.core.types import Losses
from beatnaive.judging import scores as score_table
from beatnaive.runs import tables
from beatnaive.runs.folder import read_tables
from beatnaive.runs.store import RunStore

if TYPE_CHECKING:
    import pandas as pd

    from beatnaive.core.types import RunData
    from beatnaive.judging.verdict import Verdict
    from beatnaive.study.pipeline import Result as Found


@dataclass(frozen=True, eq=False)
class Result:
    """What a study found, as DataFrames.

    found: the pipeline's own result, with its arrays; folder: the run folder, None where nothing was written. Every
    other attribute of the pipeline's result (`study`, `prices`, `tracks`, `evidence` ..) is this one's, too.
    """

    found: Found
    folder: Path | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.found, name)

    @property
    def verdict(self) -> Verdict:
        """Rulings, numbers and words; printed, it is its words."""
        return self.found.verdict

    @cached_property
    def scores(self) -> pd.DataFrame:
        """The rows and columns of scores.csv."""
        import io

        import pandas as pd

        text = io.StringIO(score_table.write(self.found.scores))
        return pd.read_csv(text, keep_default_na=False, na_values=[""])

    @cached_property
    def forecasts(self) -> pd.DataFrame:
        """The rows and columns of forecasts.parquet: symbol, model, seed, fold, origin, target_date, close, y, yhat and
        nine quantiles."""
        import pyarrow as pa

        parts = list(tables.forecasts(self.found.tracks, self.found.samples))
        frame: pd.DataFrame = pa.concat_tables(parts).to_pandas(date_as_object=False)
        return frame

    @cached_property
    def losses(self) -> pd.DataFrame:
        """A row per model and shared row: symbol, model, origin, session, y, forecast, loss, in the target's unit."""
        return frame_of_losses(self.found.losses)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What is wrong or noteworthy about the prices: severity, kind, symbol, message, mend, count, dates."""
        return frame_of_findings(self.found.findings)

    @cached_property
    def data(self) -> RunData:
        """What charts and pages are made from: the run folder's tables, written for this where there is no folder."""
        if self.folder is not None:
            return read_tables(self.folder)
        store = RunStore(Path(mkdtemp(prefix="beatnaive-result-")))
        store.begin(self.found.study, self.found.samples)
        tables.write_results(store, self.found)
        return read_tables(store.folder)

    def report(self, path: str | Path | None = None, *, show: bool | None = None) -> Path:
        """The page with every table and chart, written to `path` (default: beside the run) and opened in a browser.

        show: whether it is opened; None = only where no path was given. Returns the page's path.
        """
        from beatnaive import report

        written = report.write(self.data)
        page = Path(written) if written else self.data.folder / "report.html"
        if path is not None:
            Path(path).write_bytes(page.read_bytes())
            page = Path(path)
        if show or (show is None and path is None):
            webbrowser.open(page.resolve().as_uri())
        return page

    def plot(self, name: str = "skill") -> Any:
        """One chart of `beatnaive.report.charts.CHARTS` as an Altair chart. Raises UnknownName for any other,
        InputError where it does not apply to this study."""
        from beatnaive.report import charts

        chart = charts.draw(name, self.data)
        if chart is None:
            raise InputError(f"the chart {name!r} does not apply to this study")
        return chart

    def __repr__(self) -> str:
        return f"<Result of {self.found.study.name}: {self.verdict.words}>"

    def _repr_html_(self) -> str:
        return self.verdict._repr_html_()


@dataclass(frozen=True, eq=False)
class Judged:
    """What `judge` found in a table: the same attributes as a Result where they apply.

    verdict: one horizon's, or several and all together; `rulings`, `words`, `reading`, `to_json` .. are the verdict's.
    """

    verdict: Any

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.verdict, name)

    @property
    def _each(self) -> Mapping[int, Verdict]:
        own: Mapping[int, Verdict] | None = getattr(self.verdict, "horizons", None)
        one = self.verdict
        return own if own is not None else {one.examination.ahead or one.examination.horizon: one}

    @cached_property
    def scores(self) -> pd.DataFrame:
        """A row per horizon and model, naive first: n, mae, rmse, mape, r2, skill_pct, low and high of its 90 %
        interval, p, p_adjusted, mde_pct, ruling."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for h, verdict in self._each.items():
            data = verdict.to_json()
            rows.append(
                {"horizon": h, "model": data["benchmark"], "n": data["n"], **data["naive"], "ruling": "to beat"}
            )
            for name, one in data["models"].items():
                low, high = one["skill_ci90"] or (None, None)
                kept = {key: one[key] for key in ("n", "mae", "rmse", "mape", "r2", "skill_pct")}
                rest = {key: one[key] for key in ("p_adjusted", "mde_pct", "ruling")}
                rows.append({"horizon": h, "model": name, **kept, "skill_low": low, "skill_high": high,
                             "p": one["dm"]["p_value"], **rest})  # fmt: skip
        names = ("horizon", "model", "n", "mae", "rmse", "mape", "r2", "skill_pct", "skill_low", "skill_high", "p",
                 "p_adjusted", "mde_pct", "ruling")  # fmt: skip
        return pd.DataFrame(rows, columns=list(names))

    @cached_property
    def losses(self) -> pd.DataFrame:
        """A row per horizon, model and shared row: symbol, model, origin, session, y, forecast, loss, horizon."""
        import pandas as pd

        parts = [
            frame_of_losses(one.losses).assign(horizon=h) for h, one in self._each.items() if one.losses is not None
        ]
        return pd.concat(parts, ignore_index=True)

    @property
    def forecasts(self) -> pd.DataFrame:
        """The rows that were judged, without their losses."""
        return self.losses.drop(columns="loss")

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What is doubtful about the table's columns."""
        return frame_of_findings(self.verdict.findings)

    def plot(self, name: str = "skill") -> Any:
        """Skill of every model with its 90 % interval, by horizon where there are several; an Altair chart."""
        import altair as alt

        if name != "skill":
            raise InputError(f"a judged table has the chart 'skill', not {name!r}: a run has the others")
        frame = self.scores[self.scores["ruling"] != "to beat"].dropna(subset=["skill_pct"])
        base = alt.Chart(frame).encode(y=alt.Y("model:N", title=None, sort=None))
        bar = base.mark_rule().encode(x=alt.X("skill_low:Q", title="skill against naive, %"), x2="skill_high:Q")
        point = base.mark_point(filled=True, size=60).encode(
            x="skill_pct:Q", color=alt.Color("ruling:N"), tooltip=["model", "n", "skill_pct", "p_adjusted", "ruling"]
        )
        layer = alt.layer(
            alt.Chart().mark_rule(strokeDash=[4, 3]).encode(x=alt.datum(0)), bar, point, data=frame
        ).properties(width=560)
        return layer.facet(row="horizon:O") if frame["horizon"].nunique() > 1 else layer

    def report(self, path: str | Path | None = None, *, show: bool | None = None) -> Path:
        """A page with the table, the words and the chart, written to `path` and opened as `Result.report` does."""
        from beatnaive.report.judged import write

        page = Path(path) if path is not None else Path(mkdtemp(prefix="beatnaive-judged-")) / "report.html"
        write(page, self.verdict, self.plot())
        if show or (show is None and path is None):
            webbrowser.open(page.resolve().as_uri())
        return page

    def __repr__(self) -> str:
        return f"<Result of judge: {self.verdict.words}>"

    def _repr_html_(self) -> str:
        return str(self.verdict._repr_html_())


def frame_of_losses(losses: Losses) -> pd.DataFrame:
    """Pointwise losses as a long table: symbol, model, origin, session, y, forecast, loss; benchmarks first."""
    import numpy as np
    import pandas as pd

    names = np.array(losses.symbols)[losses.symbol]
    parts = [
        pd.DataFrame({
            "symbol": names, "model": model, "origin": losses.origin, "session": losses.session, "y": losses.y,
            "forecast": losses.forecast[model], "loss": losses.loss[model],
        })
        for model in losses.loss
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def frame_of_findings(findings: Any) -> pd.DataFrame:
    """Findings as a table; no row where there are none."""
    import pandas as pd

    names = ["severity", "kind", "symbol", "message", "mend", "count", "dates"]
    return pd.DataFrame([asdict(one) for one in findings], columns=names)
