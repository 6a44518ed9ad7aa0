"""The catalogue is material that the audit reads, written as its users write: nothing to collect."""

collect_ignore_glob = ["clean/*", "doubts/*", "leaks/*"]
