"""Makes examples.py of this folder importable to the tests of judging and verdict too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
