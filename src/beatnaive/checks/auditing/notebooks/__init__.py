"""Notebooks, audited by running them: their prices are served by us, and changed after a cut."""
