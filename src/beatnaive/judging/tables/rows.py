"""The layouts of tables by name: a row is a name and an import string; the first that fits is taken."""

LAYOUTS: dict[str, str] = {
    "nixtla": "beatnaive.judging.tables.nixtla:roles",
    "gluonts": "beatnaive.judging.tables.gluonts:roles",
    "skforecast": "beatnaive.judging.tables.skforecast:roles",
    "darts": "beatnaive.judging.tables.darts:roles",
    "plain": "beatnaive.judging.tables.plain:roles",
}
