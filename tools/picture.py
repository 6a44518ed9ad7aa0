"""Make the README's picture: what `beatnaive run` really prints on the embedded data, as a PNG.

usage: python tools/picture.py [FILE.png]
"""

import sys
import tempfile
from pathlib import Path

import vl_convert
from rich.console import Console

from beatnaive.cli.show import show_places, show_result
from beatnaive.runs.record import run

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "run.png"


def main(path: Path) -> None:
    """Run the default study and draw its terminal output."""
    with tempfile.TemporaryDirectory() as folder:
        result = run("default", out=Path(folder) / "run")
    console = Console(record=True, width=122, file=open("/dev/null", "w"), highlight=False)  # noqa: PTH123, SIM115
    show_result(result, console)
    show_places(Path("runs/default"), console)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(vl_convert.svg_to_png(console.export_svg(title="beatnaive run"), scale=1.0))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
