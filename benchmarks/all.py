"""All benchmarks, one after the other: `make bench`. About three hours on two quiet cores; each can be run alone."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PARTS = (
    ("the default job", "default_job.py"),
    ("a panel of 506 stocks", "panel.py"),
    ("judging files", "judging.py"),
    ("size and power of the verdict", "honesty.py"),
    ("the verdict looked at daily", "always_valid.py"),
    ("a ledger of 500 symbols and 1,000 days", "ledger.py"),
    ("training networks against the peers", "networks/run.py"),
)


def main() -> None:
    """Run every part; the pages of docs that hold measured tables are named by the parts themselves."""
    for title, script in PARTS:
        print(f"\n== {title}: python benchmarks/{script}", flush=True)
        subprocess.run([sys.executable, str(HERE / script)], check=True)


if __name__ == "__main__":
    main()
