"""Tables: a plain dict from a short name to an import string ``module:Name``.

A new source, feature, model, test or chart is one file or function plus one row. Nothing is imported
until a row is used, so listing a table costs nothing.
"""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from beatnaive.core import trust
from beatnaive.core.errors import InputError, UnknownName
from beatnaive.core.files import at_home
from beatnaive.core.jax_environment import prepare
from beatnaive.core.user_code import guarded


def resolve(row: str) -> Any:
    """The object that a row of a table names, ``beatnaive.module:Name``; never one that a file or a user named.

    >>> resolve("beatnaive.core.types:CLOSE")
    3
    """
    module, _, name = row.partition(":")
    if not module.startswith("beatnaive."):
        raise ValueError(f"{row!r} is not one of our own rows: names of users' code go through `foreign`")
    return getattr(importlib.import_module(module), name)


def sentence_of(reference: str) -> str:
    """The first paragraph about what an import string names, else about its module, read from the source.

    Nothing is imported: a model's library may take seconds.

    >>> sentence_of("beatnaive.models.baselines:Naive")
    'Tomorrow = today: log return 0, price close * exp(0). The forecast of a martingale (Samuelson 1965).'
    """
    module, _, name = reference.partition(":")
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return reference
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    nodes = [node for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name]
    text = (ast.get_docstring(nodes[0]) if nodes else None) or ast.get_docstring(tree) or reference
    return " ".join(text.split("\n\n")[0].split())


def pick(table: Mapping[str, str], what: str, name: str) -> Any:
    """The object of one row of a table, or that of an import string, which must have been allowed (`trust`).

    >>> pick({"close": "beatnaive.core.types:CLOSE"}, "column", "close")
    3
    """
    if name in table:
        return resolve(table[name])
    if trust.names_code(name):
        return foreign(name)
    raise UnknownName(what, name, table)


def foreign(reference: str) -> Any:
    """The object that a user's import string names: ``module:Name`` or ``path/to/file.py:Name``.

    Raises NotTrusted before anything is imported, InputError when the module or the name does not exist,
    UserCodeFailed when it cannot be imported.

    >>> trust.allow("math:sqrt", "math:sqr")
    >>> foreign("math:sqrt")(9.0)
    3.0
    >>> foreign("math:sqr")
    Traceback (most recent call last):
        ...
    beatnaive.core.errors.UnknownName: unknown name in math 'sqr': did you mean 'sqrt'? Known: ...
    """
    where, _, name = reference.rpartition(":")
    if not where or not name:
        raise InputError(f"{reference!r} is not an import string: write module:Name or file.py:Name")
    trust.require(reference)
    module = _module(where)
    if not hasattr(module, name):
        raise UnknownName(f"name in {where}", name, [key for key in vars(module) if not key.startswith("_")])
    return getattr(module, name)


def _module(where: str) -> ModuleType:
    prepare()  # a user's module may import Keras
    if where.endswith(".py"):
        return _module_from_file(at_home(where))
    if not all(part.isidentifier() for part in where.split(".")):
        raise InputError(f"{where!r} is not the name of a module: write module:Name or file.py:Name")
    top = where.partition(".")[0]
    if PathFinder.find_spec(top) is None and PathFinder.find_spec(top, [str(Path.cwd())]):
        _in_the_working_folder()
    try:
        with guarded(f"importing {where}"):
            return importlib.import_module(where)
    except InputError as error:
        missing = error.__cause__
        if not isinstance(missing, ModuleNotFoundError):
            raise
        if missing.name is None or not (where == missing.name or where.startswith(missing.name + ".")):
            raise InputError(f"module {where!r} needs {missing.name!r}, which is not installed") from missing
        raise InputError(f"no module {where!r}: check the spelling, or install it, or name a file.py") from missing


def _module_from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"no such file: {path}")
    name = f"beatnaive_user_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is not a Python file")
    _in_the_working_folder()
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    with guarded(f"importing {path.name}"):
        spec.loader.exec_module(module)
    return module


def _in_the_working_folder() -> None:
    """Modules of one's own are found in the folder one stands in, once code from there was allowed; never before."""
    if "" not in sys.path:
        sys.path.append("")
