"""These tests bring code of their own."""

from allowed import _whatever_a_test_names_may_run

__all__ = ["_whatever_a_test_names_may_run"]
