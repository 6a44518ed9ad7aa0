"""The tests of sources ask a local server."""

from release_servers import server

__all__ = ["server"]
