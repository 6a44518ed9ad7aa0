"""`beatnaive explain`: the LSTM cell with numbers, the shapes of its layers, a run's trained network, a guide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beatnaive.cli.options import Debug, Quiet, Trust
from beatnaive.cli.show import console_of
from beatnaive.core.errors import InputError

if TYPE_CHECKING:
    from beatnaive.explain.run import NetworkView

explain = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

Page = Annotated[Path | None, typer.Option("--out", help="HTML file to write.")]
Date = Annotated[str | None, typer.Option("--date", help="Last session of the window; default the last one there is.")]
Model = Annotated[str | None, typer.Option("--model", help="Which of the study's networks; default the first LSTM.")]
Symbol = Annotated[str | None, typer.Option("--symbol", help="Which symbol; default the first.")]
Fit = Annotated[int, typer.Option("--seed", help="Which fit of the network.")]


@explain.callback()
def about() -> None:
    """Look inside an LSTM: one step with real numbers, layer shapes, memory, a run's network, or a guide to it all."""


@explain.command()
def cell(
    units: Annotated[int, typer.Option("--units", min=1, max=256, help="Numbers in the hidden state.")] = 4,
    inputs: Annotated[int, typer.Option("--inputs", min=1, max=1024, help="Numbers that come in at each step.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Of the random weights and states.")] = 0,
    out: Page = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """One step of a cell with every number written out, and as a page with --out."""
    from beatnaive.cli.explain_text import show_step
    from beatnaive.explain.pages import cell_page
    from beatnaive.explain.step import example

    step = example(units, inputs, seed)
    if not quiet:
        show_step(step)
    if out is not None:
        _write(out, cell_page(step, f"beatnaive explain cell --units {units} --inputs {inputs} --seed {seed}"), quiet)


@explain.command()
def shapes(
    units: Annotated[str, typer.Option("--units", help="Units of each layer, the lowest first.")] = "50,50",
    inputs: Annotated[int, typer.Option("--inputs", min=1, max=4096, help="Numbers that come in at each step.")] = 1,
    steps: Annotated[int, typer.Option("--steps", min=1, max=10_000, help="Steps of a window.")] = 60,
    batch: Annotated[int, typer.Option("--batch", min=1, max=10_000, help="Windows in a batch.")] = 32,
    out: Page = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """What real Keras layers of these sizes return, and as a page with --out."""
    from beatnaive.cli.explain_text import show_shapes
    from beatnaive.explain.pages import shapes_page
    from beatnaive.explain.shapes import examine
    from beatnaive.models.networks import backend  # noqa: F401  (Keras must be imported on JAX)

    try:
        layers = [int(word) for word in units.split(",")]
    except ValueError as error:
        raise InputError(
            f"--units {units!r} is not a list of whole numbers: write 4, or 50,50 for two layers"
        ) from error
    if not all(1 <= one <= 4096 for one in layers) or batch * steps * max(layers) > 100_000_000:
        raise InputError(
            f"--units {units[:40]}: layers of 1 to 4,096 units, whose outputs are 100 million numbers at most"
        )
    found = examine(batch, steps, inputs, layers)
    if not quiet:
        show_shapes(found)
    if out is not None:
        command = f"beatnaive explain shapes --units {units} --inputs {inputs} --steps {steps} --batch {batch}"
        _write(out, shapes_page(found, command), quiet)


@explain.command()
def run(
    folder: Annotated[Path, typer.Argument(help="A finished run's folder.")],
    date: Date = None,
    model: Model = None,
    symbol: Symbol = None,
    seed: Fit = 0,
    trust: Trust = False,
    out: Page = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """A run's trained network at one window: text, a page, and its charts as PNG files beside it."""
    from beatnaive.cli.explain_text import show_portrait
    from beatnaive.explain.pages import facts_of, run_figures, run_page
    from beatnaive.explain.run import MOVES, look_inside
    from beatnaive.report.charts import to_png

    seen = look_inside(folder, date, model=model, symbol=symbol, seed=seed, trust=trust)
    portrait, tried = seen.portrait(), 100 * seen.what_if()
    facts = facts_of(seen, portrait, tried)
    figures = run_figures(portrait, seen.days, seen.fitted.recipe.columns, (100 * MOVES, tried, facts["last_pct"]))
    page = out or _inside(folder, f"{seen.model_name}-{seen.days[-1]}.html")
    if not quiet:
        show_portrait(facts, portrait)
    _write(page, run_page(facts, portrait, figures, _again("run", folder, seen)), quiet)
    for figure in figures:
        _write(page.with_suffix("") / f"{figure.name}.png", to_png(figure.spec), True)
    if not quiet:
        console_of().print(f"{'charts':<10} {page.with_suffix('')}", markup=False, soft_wrap=True)


@explain.command()
def guide(
    folder: Annotated[Path | None, typer.Argument(help="A finished run's folder, whose network is shown too.")] = None,
    date: Date = None,
    model: Model = None,
    symbol: Symbol = None,
    seed: Fit = 0,
    trust: Trust = False,
    out: Page = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """A page that teaches LSTMs, each claim shown on a trained network."""
    from beatnaive.explain.guide import guide_page
    from beatnaive.explain.pages import facts_of
    from beatnaive.explain.run import look_inside

    if folder is None:
        if date or model or symbol:
            raise InputError("--date, --model and --symbol choose a run's network: name its folder too")
        _write(out or Path("lstm-guide.html"), guide_page("beatnaive explain guide"), quiet)
        return
    seen = look_inside(folder, date, model=model, symbol=symbol, seed=seed, trust=trust)
    portrait = seen.portrait()
    facts = facts_of(seen, portrait, 100 * seen.what_if())
    page = out or _inside(folder, "lstm-guide.html")
    _write(page, guide_page(_again("guide", folder, seen), facts, portrait), quiet)


@explain.command()
def memory(out: Page = None, quiet: Quiet = False, debug: Debug = False) -> None:
    """Why plain recurrent networks forget: gradients through sixty steps of a SimpleRNN, a GRU and an LSTM."""
    from beatnaive.cli.explain_text import show_forgetting
    from beatnaive.explain.forgetting import compare, scaled
    from beatnaive.explain.forgetting_page import memory_page

    if not quiet:
        show_forgetting(compare(), scaled())
    if out is not None:
        _write(out, memory_page("beatnaive explain memory"), quiet)


def _inside(folder: Path, name: str) -> Path:
    """A page's place in a run folder, which links may not lead out of."""
    from beatnaive.core.files import refuse_links

    refuse_links(folder)
    return folder / "explain" / name


def _again(topic: str, folder: Path, seen: NetworkView) -> str:
    """The command line that makes this page again."""
    options = {"date": seen.days[-1], "model": seen.model_name, "symbol": seen.prices.symbol, "seed": seen.seed}
    return f"beatnaive explain {topic} {folder} " + " ".join(f"--{name} {value}" for name, value in options.items())


def _write(path: Path, content: Any, quiet: bool) -> None:
    """A page or a picture, whole or not at all, and where it lies."""
    from beatnaive.core.files import write_atomically

    write_atomically(path, content)
    if not quiet:
        console_of().print(f"{'page':<10} {path}", markup=False, soft_wrap=True)
