"""Make the pictures of README and docs/gallery.md: what real runs on the embedded prices print and leave behind.

usage: python tools/gallery.py [--keep FOLDER]     (needs chromium; FOLDER keeps the runs, for another try)
"""

from __future__ import annotations

import argparse
import base64
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import vl_convert
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
BEATNAIVE = [sys.executable, "-c", "from beatnaive.cli import main; main()"]
LEAK = '''import pandas as pd


def features(bars: pd.DataFrame) -> pd.DataFrame:
    """Momentum, and by a slip of the sign tomorrow's return."""
    returns = bars["Close"].pct_change()
    return pd.DataFrame({"momentum": returns.rolling(5).mean(), "drift": returns.shift(-1)})
'''


def said(folder: Path, *words: str, code: int = 0) -> str:
    """What a command prints on standard output, run in this folder; a command that ends otherwise ends this script."""
    done = subprocess.run([*BEATNAIVE, *words], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise SystemExit(f"beatnaive {' '.join(words)} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def terminal(text: str, title: str, name: str, width: int) -> None:
    """A picture of a terminal that shows this text."""
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=width, file=nowhere, highlight=False)
        console.print(Text.from_ansi(text))
        (IMAGES / name).write_bytes(vl_convert.svg_to_png(console.export_svg(title=title), scale=1.0))


def screen(page: Path, name: str, height: int = 1000) -> None:
    """A picture of a page's first screen."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        raise SystemExit("no Chromium installed: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=20000")
        subprocess.run(
            [browser, *flags, f"--user-data-dir={profile}", f"--window-size=1200,{height}",
             f"--screenshot={IMAGES / name}", page.resolve().as_uri()],
            check=True, capture_output=True,
        )  # fmt: skip


def ledger(folder: Path, evenings: int = 60) -> None:
    """A ledger on the S&P 500 of 2018, written and settled evening by evening under a clock that is moved."""
    import numpy as np

    from beatnaive.forecasting.ledger import clock
    from beatnaive.forecasting.ledger.ledger import add, init
    from beatnaive.forecasting.ledger.settle import settle
    from beatnaive.prices.calendars import sessions_between

    words = ("--source", "sample", "--start", "2012-12-31", "--end", "2017-12-29", "--out", "runs/until_2018")
    said(folder, "run", "^GSPC", *words, "--models", "drift,linear,ridge")
    for day in sessions_between("XNYS", np.datetime64("2018-01-02"), np.datetime64("2018-12-31"))[:evenings]:
        clock.now = lambda day=day: np.datetime64(f"{day}T22:30:00")  # type: ignore[assignment,misc]
        if not (folder / "ledger").exists():
            init(folder / "ledger")
        settle(folder / "ledger")
        add(folder / "ledger", run=folder / "runs" / "until_2018")


def app(folder: Path) -> None:
    """Pictures of the app's pages on this folder's runs and ledger: light and dark, wide and narrow."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from app_client import app as started
    from browser import Tab, drive

    pages = {
        "app.png": ("/", (1200, 700), False), "app_study.png": ("/new", (1200, 1000), True),
        "app_ledger.png": ("/ledger?model=linear", (1200, 1000), False),
        "app_run.png": ("/runs/runs/default", (1200, 1000), False),
    }  # fmt: skip

    async def visit(tab: Tab) -> None:
        await tab.do("Page.navigate", url=f"http://127.0.0.1:{visitor.port}{visitor.start}")
        for name, (path, (width, height), dark) in pages.items():
            await tab.screen(width, height, dark=dark)
            await tab.do("Page.navigate", url=f"http://127.0.0.1:{visitor.port}{path}")
            await tab.until(f"location.pathname + location.search === '{path}'")
            await tab.ready("dark" if dark else "light")
            await tab.value("new Promise((done) => setTimeout(done, 4000))")  # the frame's own charts
            shot = await tab.do("Page.captureScreenshot")
            (IMAGES / name).write_bytes(base64.b64decode(shot["data"]))

    with started(folder, HOME=str(folder.parent)) as visitor:
        drive(visit)


def main() -> None:
    """Run everything, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        printed = folder / "run.txt"
        if not printed.exists():
            printed.write_text(said(folder, "run", "--out", "runs/default"), encoding="utf-8")
        terminal(printed.read_text(encoding="utf-8"), "beatnaive run", "run.png", 134)
        screen(folder / "runs" / "default" / "report.html", "report.png")
        models = ("--models", "moving_average,linear,ridge,boosting")
        for place, words in (("sp500", ("^GSPC",)), ("nasdaq", ("^IXIC",))):
            if not (folder / "runs" / place / "report.html").exists():
                said(folder, "run", *words, "--source", "sample", *models, "--out", f"runs/{place}")
        said(folder, "report", "runs/sp500", "runs/nasdaq")
        screen(folder / "comparison.html", "comparison.png")
        said(folder, "explore", "--out", "explore")
        screen(next((folder / "explore").rglob("explore.html")), "explore.png")
        if not (folder / "guide.html").exists():
            said(folder, "explain", "guide", "--out", "guide.html")
        screen(folder / "guide.html", "guide.png")
        if not (folder / "ledger").exists():
            ledger(folder)
        app(folder)
        (folder / "my_features.py").write_text(LEAK, encoding="utf-8")
        terminal(
            said(folder, "audit", "my_features.py:features", code=1),
            "beatnaive audit my_features.py:features",
            "audit.png",
            134,
        )
    print("look at every picture in", IMAGES)


if __name__ == "__main__":
    main()
