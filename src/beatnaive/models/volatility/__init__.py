"""Models of variance: the naive three, smoothing, GARCH, and regressions on ranges."""
