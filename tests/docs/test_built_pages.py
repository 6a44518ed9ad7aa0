"""What `make docs` builds: every link leads somewhere, every public object to its source, nothing to a network."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import beatnaive

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page that `make docs` makes, by its path; a warning of Sphinx's ends it, as does a look for a network."""
    out = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", out / "trees", DOCS, out / "html"],
        capture_output=True, text=True, check=False, env={**os.environ, "https_proxy": "http://127.0.0.1:9"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    pages = (out / "html").rglob("*.html")
    made = {str(path.relative_to(out / "html")): path.read_text(encoding="utf-8") for path in pages}
    made["searchindex.js"] = (out / "html" / "searchindex.js").read_text(encoding="utf-8")
    return made


class Links(HTMLParser):
    """Targets, ids and headings of a page; what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.levels: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.targets.append(str(found["href"]))
        if tag in ("script", "img", "link") and found.get("rel") not in ("prev", "next", "canonical"):
            self.loaded += [str(found[key]) for key in ("src", "href") if found.get(key)]
        if found.get("id"):
            self.ids.add(str(found["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))


def test_every_link_of_the_built_pages_resolves(built: dict[str, str]) -> None:
    pages = {name: Links(text) for name, text in built.items() if name.endswith(".html")}
    assert len(pages) > 200
    for name, page in pages.items():
        for target in page.targets:
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            goal = str((Path("/") / Path(name).parent / path).resolve().relative_to("/")) if path else name
            assert goal in pages, f"{name} links to {target}"
            assert not anchor or anchor in pages[goal].ids, f"{name} links to {target}: no such heading"


def test_built_pages_have_one_title_and_load_only_what_lies_beside_them(built: dict[str, str]) -> None:
    for name, text in built.items():
        if name.endswith(".html"):
            page = Links(text)
            assert not [one for one in page.loaded if re.match(r"(https?:)?//", one)], name
            if not name.startswith(("_modules", "genindex", "py-modindex", "search")):
                assert page.levels.count(1) == 1, name


def test_every_public_object_is_described_and_leads_to_its_source(built: dict[str, str]) -> None:
    for name in set(beatnaive.__all__) - {"checks"}:
        one = getattr(beatnaive, name)
        where = f"{one.__module__}.{one.__name__}"
        page = built[f"reference/{one.__module__.split('.')[1]}.html"]
        assert f'id="{where}"' in page, f"{name} is not described"
        assert f'href="../_modules/{one.__module__.replace(".", "/")}.html#{one.__name__}"' in page
        assert f'href="{one.__module__.split(".")[1]}.html#{where}"' in built["reference/python.html"]
    assert (
        '<a class="reference internal" href="models.html#beatnaive.models.lstm.LSTM"' in built["reference/tables.html"]
    )


def test_search_knows_words_of_every_kind_of_page(built: dict[str, str]) -> None:
    index = built["searchindex.js"]
    assert index.startswith("Search.setIndex(")  # a script beside the pages: it works without a server
    for name in ("tutorial", "methods", "reference/commands", "reference/judging"):
        assert f'"{name}"' in index
    assert '"beatnaive.models.lstm"' in index
