"""Typer commands; thin."""

from __future__ import annotations

import errno
import gc
import os
import sys
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

    from beatnaive.core.errors import BeatNaiveError

COMMANDS: dict[str, str] = {
    "run": "beatnaive.cli.run:run",
    "fetch": "beatnaive.cli.fetch:fetch",
    "explore": "beatnaive.cli.explore:explore",
    "judge": "beatnaive.cli.judge:judge",
    "worth": "beatnaive.cli.worth:worth",
    "audit": "beatnaive.cli.audit:audit",
    "explain": "beatnaive.cli.explain:explain",
    "forecast": "beatnaive.cli.forecast:forecast",
    "score": "beatnaive.cli.score:score",
    "ledger": "beatnaive.cli.ledger:ledger",
    "report": "beatnaive.cli.report:report",
    "app": "beatnaive.cli.app:app",
    "list": "beatnaive.cli.tables:list_tables",
}


NO_FAULT_OF_OURS = {
    getattr(errno, name)
    for name in ("EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENAMETOOLONG", "ELOOP", "ENOTDIR", "EISDIR", "EMFILE")
    if hasattr(errno, name)
}
"""What the system answers to a path that cannot be used, wherever in the program that comes to light."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 leak found, 2 usage or input, 3 data, 4 source, 5 writing, 130 interrupted."""
    from beatnaive.core import witness

    words = sys.argv[1:] if arguments is None else arguments
    if arguments is None:
        witness.arm()
        gc.set_threshold(100_000)  # a command makes many objects that stay: looking for circles finds none
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")  # else it reads what every installed package says
        if not sys.warnoptions and "--debug" not in words:
            # what libraries tell programmers is nothing that a user can mend, in worker processes neither
            warnings.simplefilter("ignore")
            os.environ["PYTHONWARNINGS"] = "ignore"
    code = witness.answer(_ended(words))
    gc.freeze()  # what there is goes with the process: nobody need look through it for circles at the end
    sys.exit(code)


def _ended(words: list[str]) -> int:
    """Run a command; what it came to, in its exit code, and in a line where it failed."""
    import typer

    from beatnaive.core import witness
    from beatnaive.core.interruption import listening

    debug = "--debug" in words
    if odd := [word for word in words if "\0" in word]:
        return _say(f"{odd[0][:60]!r} holds a NUL: no name or path can", 2)
    try:
        with listening():
            code = typer.main.get_command(application(words))(
                [word for word in words if word != "--debug"], prog_name="beatnaive", standalone_mode=False
            )
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", 130)
    except typer.Exit as stop:
        return stop.exit_code
    except witness.Elsewhere as other:
        return other.exit_code
    except Exception as error:
        if debug:
            witness.answer(1)
            raise
        return _explain(error, words)
    return code if isinstance(code, int) else 0


def application(words: list[str]) -> typer.Typer:
    """A Typer application with every command's help, but only the wanted one's module imported."""
    import typer

    from beatnaive.cli.options import start

    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )
    app.callback()(start)  # a lone command would otherwise swallow its own name as an argument
    wanted = next((word for word in words if word in COMMANDS), None)
    for name, reference in COMMANDS.items():
        module, _, function = reference.partition(":")
        if wanted in (None, name):
            command = getattr(import_module(module), function)
            if isinstance(command, typer.Typer):
                app.add_typer(command, name=name)
            else:
                app.command(name)(command)
    return app


def with_flag(error: BeatNaiveError, words: list[str]) -> str:
    """The message, and in brackets the flag of the option to change, where the command that was typed has it.

    >>> from beatnaive.core.errors import InputError
    >>> error = InputError("horizon=0: it counts rows ahead, 1 or more", option="horizon")
    >>> with_flag(error, ["judge", "mine.csv"])
    'horizon=0: it counts rows ahead, 1 or more (--horizon)'
    >>> with_flag(error, ["report", "run"])
    'horizon=0: it counts rows ahead, 1 or more'
    """
    import typer

    command: Any = typer.main.get_command(application(words))
    for word in words:
        command = getattr(command, "commands", {}).get(word, command)
    flag = f"--{error.option}"
    return f"{error} ({flag})" if any(flag in option.opts for option in command.params) else str(error)


def _explain(error: Exception, words: list[str]) -> int:
    """One line for what a user can mend; a pointer to --debug for what is our fault."""
    from beatnaive.core.errors import BeatNaiveError, CannotWrite

    if isinstance(error, BeatNaiveError):
        return _say(with_flag(error, words), error.exit_code)
    if isinstance(error, OSError) and error.errno in NO_FAULT_OF_OURS:
        from beatnaive.core.documents import shown

        where = shown(str(error.filename)) if error.filename else "a file"
        return _say(f"{where}: {error.strerror}; free space or name another path", CannotWrite.exit_code)
    if isinstance(error, MemoryError):
        return _say("out of memory: take fewer symbols, a shorter period, or smaller models", 5)
    usage = getattr(error, "format_message", None)  # Typer's own: an unknown option, a missing argument
    if usage is not None:
        context = getattr(error, "ctx", None)
        return _say(f"{usage() or 'name a command'} (see {context.command_path if context else 'beatnaive'} --help)", 2)
    return _say(f"unexpected {type(error).__name__}: {error}; run again with --debug and report it", 70)


def _say(message: str, code: int) -> int:
    from beatnaive.core.phrases import printable

    line = " ".join(message.split())
    line = printable(line)  # no control of the terminal
    print(f"beatnaive: {line if len(line) < 280 else f'{line[:180]} ... {line[-90:]}'}", file=sys.stderr)
    return code
