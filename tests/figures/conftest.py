"""`made_run` is importable by the tests of charts and of reports."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
