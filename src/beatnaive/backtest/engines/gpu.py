"""Units on a machine with a GPU: a network's fits are not spread over processes but made at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from beatnaive.backtest.units import Engine, FitKey, Job, Outcome, Serial, complete_together
from beatnaive.models.base import PerSymbol
from beatnaive.models.spec import build, contestant


def has_plugin() -> bool:
    """Whether JAX was installed with a plugin for an accelerator; asking JAX itself would import it."""
    from importlib.metadata import entry_points

    return bool(entry_points(group="jax_plugins"))


def finds_accelerator() -> bool:
    """Whether JAX computes on something other than the processor: a plugin alone is no GPU."""
    from beatnaive.models.networks.xla import jax

    return bool(jax.default_backend() != "cpu")


class Accelerator:
    """On a GPU: all fits of a network, over folds and seeds, are one computation in this process; one accelerator.

    The other models run elsewhere, as does everything where JAX finds no accelerator after all.
    """

    def __init__(self, elsewhere: Engine) -> None:
        self.elsewhere = elsewhere
        self.at_once = elsewhere.at_once

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[FitKey, Outcome]]:
        """The other models' units first, then network by network."""
        specs = {job.key.model: job.spec for job in jobs}
        networks = {name for name, spec in specs.items() if hasattr(build(name, spec), "fit_many")}
        if not networks or not finds_accelerator():
            networks = set()
        yield from self.elsewhere.run([job for job in jobs if job.key.model not in networks])
        for name in (name for name in specs if name in networks):
            spec, alike = specs[name], [job for job in jobs if job.key.model == name]
            # a model per symbol makes its own fits at once; a user-supplied one may fail, and only one unit with it
            if isinstance(contestant(name, spec), PerSymbol) or ":" in spec.kind:
                yield from Serial().run(alike)
            else:
                yield from zip((job.key for job in alike), complete_together(alike), strict=True)
