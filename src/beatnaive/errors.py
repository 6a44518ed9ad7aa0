"""The exceptions' address before the folders; kept for one release. They live in `beatnaive.core.errors`."""

from beatnaive.core.errors import *  # noqa: F403
