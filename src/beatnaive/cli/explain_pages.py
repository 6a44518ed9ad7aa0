"""What `beatnaive explain` prints and writes, per topic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beatnaive.cli.show import console_of
from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    from beatnaive.core.types import Floats
    from beatnaive.explain.portrait import Portrait
    from beatnaive.explain.run import Inside

Asked = Mapping[str, Any]


def cell(asked: Asked, out: Path | None, quiet: bool) -> None:
    """One step of a cell with numbers, as text and, with --out, as a page."""
    from beatnaive.cli.explain_text import show_step
    from beatnaive.explain.pages import cell_page
    from beatnaive.explain.step import example

    units, inputs, seed = _size(asked.get("units", "4")), asked.get("inputs", 5), asked.get("seed", 0)
    step = example(units, inputs, seed)
    if not quiet:
        show_step(step)
    if out is not None:
        _write(out, cell_page(step, f"beatnaive explain cell --units {units} --inputs {inputs} --seed {seed}"), quiet)


def shapes(asked: Asked, out: Path | None, quiet: bool) -> None:
    """What real Keras layers return, as text and, with --out, as a page."""
    from beatnaive.cli.explain_text import show_shapes
    from beatnaive.explain.pages import shapes_page
    from beatnaive.explain.shapes import examine
    from beatnaive.models.networks import backend  # noqa: F401  (Keras must be imported on JAX)

    units = [_size(word) for word in asked.get("units", "50,50").split(",")]
    sizes = {name: asked.get(name, default) for name, default in (("batch", 32), ("steps", 60), ("inputs", 1))}
    found = examine(**sizes, units=units)
    if not quiet:
        show_shapes(found)
    if out is not None:
        words = " ".join(f"--{name} {value}" for name, value in sizes.items())
        _write(out, shapes_page(found, f"beatnaive explain shapes --units {','.join(map(str, units))} {words}"), quiet)


def run(asked: Asked, out: Path | None, quiet: bool) -> None:
    """A run's trained network at one window: text, a page, and its charts as PNG files beside it."""
    from beatnaive.cli.explain_text import show_portrait
    from beatnaive.explain.pages import run_figures, run_page
    from beatnaive.explain.run import MOVES
    from beatnaive.report.charts import to_png

    inside = _inside(asked)
    portrait, tried = inside.portrait(), 100 * inside.what_if()
    facts = _facts(inside, portrait, asked, tried)
    figures = run_figures(portrait, inside.days, inside.fitted.recipe.columns, (100 * MOVES, tried, facts["last_pct"]))
    day = inside.days[-1]
    page = out or Path(asked["folder"]) / "explain" / f"{inside.model_name}-{day}.html"
    if not quiet:
        show_portrait(facts, portrait)
    _write(page, run_page(facts, portrait, figures, _words("run", {**asked, "date": day})), quiet)
    for figure in figures:
        _write(page.with_suffix("") / f"{figure.name}.png", to_png(figure.spec), True)
    if not quiet:
        console_of().print(f"{'charts':<10} {page.with_suffix('')}", soft_wrap=True)


def guide(asked: Asked, out: Path | None, quiet: bool) -> None:
    """The guide to LSTMs, with the network of a run where a folder is given."""
    from beatnaive.explain.guide import guide_page

    inside = _inside(asked) if "folder" in asked else None
    page = out or (Path(asked["folder"]) / "explain" if inside else Path()) / "lstm-guide.html"
    command = _words("guide", asked)
    if inside is None:
        _write(page, guide_page(command), quiet)
        return
    portrait = inside.portrait()
    _write(page, guide_page(command, _facts(inside, portrait, asked, 100 * inside.what_if()), portrait), quiet)


TOPICS: dict[str, Callable[[Asked, Path | None, bool], None]] = {
    "cell": cell, "shapes": shapes, "run": run, "guide": guide,
}  # fmt: skip


def _inside(asked: Asked) -> Inside:
    from beatnaive.explain.run import look_inside

    if "folder" not in asked:
        raise InputError("explain run needs a run folder: beatnaive explain run runs/...")
    options = {name: asked[name] for name in ("model", "symbol", "seed") if name in asked}
    return look_inside(asked["folder"], asked.get("date"), **options)


def _facts(inside: Inside, portrait: Portrait, asked: Asked, tried: Floats) -> dict[str, Any]:
    """What the page says beside the charts; percentages are log returns."""
    units = sum(layer.cell.units for layer in portrait.layers)
    span = float(tried.max() - tried.min())
    return {
        "study": inside.study.name, "model": inside.model_name, "symbol": inside.prices.symbol,
        "seed": asked.get("seed", 0), "horizon": inside.study.target.horizon, "as_of": inside.prices.as_of,
        "day": inside.days[-1], "days": inside.days, "close": inside.close, "windows": len(inside.windows),
        "probes": min(32, len(inside.windows)), "units": units, "gates": 3 * units,
        "forecast_pct": 100 * inside.forecast, "last_pct": 100 * inside.last_return,
        "training": _training(inside),
        "what_if": f"Over last returns from -6 to +6 % the forecast moves by {span:.3f} percentage points.",
    }  # fmt: skip


def _training(inside: Inside) -> str:
    day, cutoff = inside.days[-1], inside.cutoff
    if inside.learnt:
        return (
            f"{day} lies inside the network's training period, which ends before {cutoff}: it may have learnt what "
            "came next, so that this forecast is not out of sample. Take a later --date for one that is."
        )
    return f"The network learnt from what was known on {cutoff}; this forecast is out of sample."


def _words(topic: str, asked: Asked) -> str:
    """The command line that makes this page again."""
    options = [f"--{name} {value}" for name, value in asked.items() if name != "folder"]
    return " ".join(["beatnaive explain", topic, *([str(asked["folder"])] if "folder" in asked else []), *options])


def _size(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise InputError(f"--units {text!r} is no whole number: write 4, or 50,50 for two layers") from error


def _write(path: Path, content: str | bytes, quiet: bool) -> None:
    from beatnaive.core.files import write_atomically

    write_atomically(path, content)
    if not quiet:
        console_of().print(f"{'page':<10} {path}", soft_wrap=True)
