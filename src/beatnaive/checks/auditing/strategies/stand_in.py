"""While a strategy is imported: modules named freqtrade, ours where it is not installed.

Written from freqtrade's documented interface; none of its code is here.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from beatnaive.core.errors import InputError

OURS = {
    "freqtrade.strategy": (
        "beatnaive.checks.auditing.strategies.base",
        "beatnaive.checks.auditing.strategies.parameters",
        "beatnaive.checks.auditing.strategies.informative",
    ),
    "freqtrade.strategy.interface": ("beatnaive.checks.auditing.strategies.base",),
    "freqtrade.vendor.qtpylib.indicators": ("beatnaive.checks.auditing.strategies.qtpylib",),
}
"""Which of our modules stand in for which; every other module of freqtrade is empty, its names refuse to be used."""


@contextmanager
def freqtrade() -> Iterator[None]:
    """Inside, `import freqtrade...` finds the installed package, else the stand-in; `technical` is refused."""
    finder = _Finder(tuple(name for name in ("freqtrade", "technical") if PathFinder.find_spec(name) is None))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _StandIn)]:
            del sys.modules[name]


class _Finder(MetaPathFinder, Loader):
    def __init__(self, absent: tuple[str, ...]) -> None:
        self.absent = absent

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        if top not in self.absent:
            return None
        if top == "technical":
            raise InputError(
                "the strategy needs the package technical, which is not installed: install it, or write its indicators"
            )
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        for ours in OURS.get(module.__name__, ()):
            source = importlib.import_module(ours)
            vars(module).update({name: vars(source)[name] for name in source.__all__})


class _StandIn(ModuleType):
    """A module of freqtrade's: what it lacks is a class that may be named, in an annotation say, and not used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        where = f"{self.__name__}.{name}"

        class Absent:
            def __init__(self, *given: Any, **named: Any) -> None:
                raise InputError(f"{where} needs freqtrade itself: install it beside BeatNaive, then audit again")

        Absent.__name__ = Absent.__qualname__ = name
        return Absent
