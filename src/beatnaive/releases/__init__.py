"""What else was known, and when it was published: macro, fundamentals, headlines."""

from beatnaive.releases.rows import RELEASES
from beatnaive.releases.spec import ReleaseSpec, read_release

__all__ = ["RELEASES", "ReleaseSpec", "read_release"]
