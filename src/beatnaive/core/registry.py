"""Tables: a plain dict from a short name to an import string ``module:Name``.

A new source, feature, model, test or chart is one file or function plus one row. Nothing is imported
until a row is used, so listing a table costs nothing.
"""

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.jax_environment import prepare


def resolve(reference: str) -> Any:
    """The object an import string names: ``module:Name`` or ``path/to/file.py:Name``.

    Raises InputError when the module or the name does not exist.

    >>> resolve("math:sqrt")(9.0)
    3.0
    >>> resolve("math:sqr")
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.UnknownName: unknown name in math 'sqr': did you mean 'sqrt'? Known: ...
    """
    where, _, name = reference.rpartition(":")
    if not where or not name:
        raise InputError(f"{reference!r} is not an import string: write module:Name or file.py:Name")
    module = _module(where)
    if not hasattr(module, name):
        raise UnknownName(f"name in {where}", name, [key for key in vars(module) if not key.startswith("_")])
    return getattr(module, name)


def pick(table: Mapping[str, str], what: str, name: str) -> Any:
    """The object of one row of a table; an import string passes straight through.

    >>> pick({"root": "math:sqrt"}, "function", "root")(4.0)
    2.0
    """
    if name in table:
        return resolve(table[name])
    if ":" in name:
        return resolve(name)
    raise UnknownName(what, name, table)


def _module(where: str) -> ModuleType:
    prepare()  # a user's module may import Keras
    if where.endswith(".py"):
        return _module_from_file(Path(where))
    try:
        return importlib.import_module(where)
    except ModuleNotFoundError as error:
        if error.name is None or not (where == error.name or where.startswith(error.name + ".")):
            raise InputError(f"module {where!r} needs {error.name!r}, which is not installed") from error
        raise InputError(f"no module {where!r}: check the spelling, or install it, or name a file.py") from error


def _module_from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    name = f"beatnaive_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
