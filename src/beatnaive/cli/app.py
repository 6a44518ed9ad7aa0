"""`beatnaive app`: runs, new studies, judging and the ledger in the browser, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from beatnaive.cli.options import Debug


def app(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder with runs; default this one.")] = Path(),
    port: Annotated[int | None, typer.Option("--port", help="Port; default 8423, or a free one.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address, open nothing.")] = False,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; any but this machine's own opens the app to others.")
    ] = "127.0.0.1",
    ledger: Annotated[
        Path | None, typer.Option("--ledger", help="Folder of the ledger; default the one in DIR.")
    ] = None,
    debug: Debug = False,
) -> None:
    """Look at runs, start studies, judge files and follow a ledger in the browser; everything stays on this machine."""
    from beatnaive.app.server import serve

    def ready(url: str) -> None:
        print(f"BeatNaive shows {folder.resolve()} at\n{url}\nCtrl-C ends it; studies that run go on.", flush=True)
        if not no_browser:
            import webbrowser

            webbrowser.open(url)

    def renewed(url: str) -> None:
        print(f"For another browser: {url}", flush=True)

    running = serve(folder, host=host, port=port, ledger=ledger, ready=ready, renewed=renewed)
    for path, number in running.items():
        print(f"still running: {path} (process {number}); beatnaive app shows it again")
