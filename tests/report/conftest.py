"""Reports are tested on the same run as charts, and in a browser."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "figures")]
