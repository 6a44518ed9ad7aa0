"""The nouns' address before the folders; kept for one release. They live in `beatnaive.core.types`."""

from beatnaive.core.types import *  # noqa: F403
