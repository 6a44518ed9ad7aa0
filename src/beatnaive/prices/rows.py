"""The sources by name: a row is a name and an import string."""

SOURCES: dict[str, str] = {
    "sample": "beatnaive.prices.sample:read",
    "yahoo": "beatnaive.prices.yahoo:read",
    "file": "beatnaive.prices.files:read",
    "synthetic": "beatnaive.prices.synthetic:read",
}
