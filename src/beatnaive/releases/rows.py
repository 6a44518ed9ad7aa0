"""The kinds of releases by name: a row is a name and an import string."""

RELEASES: dict[str, str] = {
    "vix": "beatnaive.releases.embedded:Vix",
    "us10y": "beatnaive.releases.embedded:Us10y",
    "cpi": "beatnaive.releases.embedded:Cpi",
    "fundamentals": "beatnaive.releases.embedded:Fundamentals",
    "file": "beatnaive.releases.file:File",
    "news": "beatnaive.releases.news:News",
    "prices": "beatnaive.releases.prices:OtherPrices",
    "fred": "beatnaive.releases.fred:Fred",
    "edgar": "beatnaive.releases.edgar:Edgar",
}
