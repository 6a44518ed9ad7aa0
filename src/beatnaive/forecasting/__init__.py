"""Tomorrow, from a run; forecast files; their score."""
