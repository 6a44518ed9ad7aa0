"""Commands in an empty folder."""

from commands import command, process

__all__ = ["command", "process"]
