"""Benchmarks one after the other, hours on two quiet cores: `make bench`; each can be run alone.

Those that need a file of headlines or prices named, or tools of others, are run alone.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PARTS = (
    ("the first minute", "first_minute.py"),
    ("the default job", "default_job.py"),
    ("a panel of 506 stocks", "panel.py"),
    ("judging files", "judging.py"),
    ("a cross-section of short series", "cross_section.py 1"),
    ("size and power of the verdict", "honesty.py"),
    ("the verdict looked at daily", "always_valid.py"),
    ("size and power of worth", "worth.py"),
    ("size and power of what releases add", "information.py"),
    ("what the audit finds on few rows", "rare_leaks.py"),
    ("a ledger of 500 symbols and 1,000 days", "ledger.py"),
    ("the app over a thousand runs", "app.py"),
    ("training networks against the peers", "networks/run.py"),
)


def main() -> None:
    """Run every part; the pages of docs that hold measured tables are named by the parts themselves."""
    for title, script in PARTS:
        print(f"\n== {title}: python benchmarks/{script}", flush=True)
        name, *words = script.split()
        subprocess.run([sys.executable, str(HERE / name), *words], check=True)


if __name__ == "__main__":
    main()
