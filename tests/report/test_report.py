"""report.html as text: one valid, offline file that answers a newcomer's questions and lets nothing break out."""

import io
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from checkers import parse_errors
from lxml import html as lxml_html
from made_run import made_run

from beatnaive import report
from beatnaive.core.errors import CannotWrite, InputError
from beatnaive.core.types import Finding
from beatnaive.report.methods import METHODS


@pytest.fixture(scope="module")
def run():
    return made_run()


@pytest.fixture(scope="module")
def page(run):
    return report.build(run)


@pytest.fixture(scope="module")
def tree(page):
    return lxml_html.document_fromstring(page)


def checked(page):
    """The standard's own parsing algorithm has no objection, and every id occurs once."""
    assert parse_errors(page) == []
    ids = lxml_html.document_fromstring(page).xpath("//@id")
    assert len(ids) == len(set(ids))


def text_of(tree):
    return re.sub(r"\s+", " ", " ".join(tree.xpath("//body//text()[not(ancestor::script)]")))


def specs(tree):
    return [json.loads(node.text) for node in tree.xpath("//script[@type='application/json' and @id!='themes']")]


def test_markup_is_whole(page):
    checked(page)


def test_one_file_that_fetches_nothing(page, tree):
    assert not tree.xpath("//script[@src] | //img | //iframe | //link[@rel='stylesheet']")
    assert tree.xpath("//link/@href") == ["data:,"]
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]
    assert not [spec for spec in specs(tree) if '"url"' in json.dumps(spec)]
    assert len(page.encode()) < 3_000_000


def test_order_of_a_good_papers_results(tree):
    headings = [node.text for node in tree.xpath("//h2")]
    assert headings == [
        "In short", "Results", "Forecast against actual", "Against naive over time", "By year, volatility and weekday",
        "Prediction intervals", "Errors and the spread of seeds", "Training", "Reasons", "The data", "Run it again",
    ]  # fmt: skip
    assert tree.xpath("//header//p[@class='lead']")[0].text.startswith("No model forecasts better than naive")


def test_headings_descend_one_level_at_a_time(tree):
    levels = [int(node.tag[1]) for node in tree.xpath("//h1 | //h2 | //h3 | //h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_everything_has_a_name_for_a_screen_reader(tree):
    assert all(node.get("aria-label") for node in tree.xpath("//*[@role='group' or @role='region'] | //table | //nav"))
    ids = set(tree.xpath("//@id"))
    assert set(tree.xpath("//@aria-labelledby")) <= ids
    assert {link[1:] for link in tree.xpath("//nav//a/@href")} <= ids
    assert all(node.get("scope") for node in tree.xpath("//th"))
    assert tree.get("lang") == "en"


def answer(tree, question):
    return " ".join(tree.xpath(f"//div[@class='answers']/div[h3='{question}']/*[not(self::h3)]//text()")).replace(
        "\xa0", " "
    )


def test_a_newcomer_finds_the_six_answers(run, tree):
    p = run.verdict["any_better"]["p_value"]
    assert "None of the 4 models was shown to forecast better than naive" in answer(tree, "Did anything beat naive?")
    assert "moving_average did worse than naive" in answer(tree, "Did anything beat naive?")
    assert f"adjusted p {p:.2f}" in answer(tree, "Could it be luck?")
    power = answer(tree, "Could the test have seen an edge?")
    assert f"{run.verdict['models']['linear']['mde_pct']:.1f} % (linear)" in power
    assert "follows the last close" in answer(tree, "Why did lstm fail?")
    data = answer(tree, "What was done to the data?")
    assert "first 80 % for training" in data
    assert "3 January 2018 to 31 December 2018" in data
    assert "1 finding" in data
    assert "beatnaive run --study default/study.toml" in answer(tree, "How do I run it again?")


def test_a_network_is_explained_from_its_fits_where_no_diagnosis_was_made(run):
    bare = replace(run, verdict={key: value for key, value in run.verdict.items() if key != "diagnosis"})
    why = answer(lxml_html.document_fromstring(report.build(bare)), "Why did lstm fail?")
    assert "440 parameters and 999 training windows: 0.44 parameters for each" in why
    best = np.median([1 + np.argmin(fit["history"]["val_loss"]) for fit in run.fits])
    assert f"lowest after epoch {best:.0f} of 50" in why
    rows = run.forecasts[(run.forecasts.model == "lstm") & (run.forecasts.seed == -1)]
    r = np.corrcoef(np.log(rows.yhat / rows.close), np.log(rows.y / rows.close))[0, 1]
    assert f"correlate by {r:+.2f}" in why


def test_the_table_holds_the_verdict(run, tree):
    table = tree.xpath("//table[starts-with(@aria-label, 'Rulings')]")[0]
    rows = {row[0].text: [cell.text or "" for cell in row[1:]] for row in table.xpath(".//tbody/tr")}
    assert set(rows) == {"naive", "drift", "moving_average", "linear", "lstm"}
    entry, score = run.verdict["models"]["lstm"], run.scores.set_index("model").loc["lstm"]
    assert rows["lstm"] == [
        "cannot tell", f"{entry['skill_pct']:+.2f}", "{:+.2f} to {:+.2f}".format(*entry["skill_ci90"]),
        f"{entry['p_adjusted']:.2f}", f"{entry['mde_pct']:.2f}", "250", f"{score.rmse:,.6g}",
    ]  # fmt: skip
    assert table.xpath(".//th[@aria-sort]/button")


def test_every_method_is_explained_behind_a_disclosure(tree):
    shown = set(tree.xpath("//details/summary/text()"))
    absent = {"learning", "information", "worth"}  # this run has no learning curve, no releases and no worth.json
    assert {entry.question for name, entry in METHODS.items() if name not in absent} == shown
    assert all(len(entry.answer) > 150 for entry in METHODS.values())


def test_a_single_seed_is_one_number(run):
    scores = run.scores.assign(seed_rmse_max=run.scores.seed_rmse_min)
    tree = lxml_html.document_fromstring(report.build(replace(run, scores=scores)))
    table = tree.xpath("//table[starts-with(@aria-label, 'Errors')]")[0]
    shown = {row[0].text: row.xpath("td[@data-label='RMSE of seeds']")[0].text for row in table.xpath(".//tbody/tr")}
    assert shown["lstm"] == f"{run.scores.set_index('model').seed_rmse_min['lstm']:,.5g}"
    assert shown["linear"] is None


def test_what_the_verdict_says_is_not_said_again(run):
    doubt = "none of the 6 symbols ends before 2018-12-31: those that failed are not in the panel"
    finding = Finding(
        severity="doubt", kind="survivorship", symbol="*", message=doubt, mend="add those that left", count=6, dates=()
    )
    told = replace(run, findings=(*run.findings, finding), verdict={**run.verdict, "words": f"No. Doubt: {doubt}."})
    tree = lxml_html.document_fromstring(report.build(told))
    assert text_of(tree).replace("\xa0", " ").count(doubt) == 1
    assert "made 1 finding, listed below and raised 1 doubt that the verdict states" in answer(
        tree, "What was done to the data?"
    )


def test_a_comparison_marks_models_beyond_its_edge(run):
    page = report.build_comparison([run, replace(run, folder=Path("runs/other"))])
    [spec] = specs(lxml_html.document_fromstring(page))
    points = [layer for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    marks = {layer["mark"].get("shape"): layer["transform"] for layer in points}
    assert marks == {None: [{"filter": "datum.off == 0"}], "triangle-left": [{"filter": "datum.off == 1"}]}
    table = next(pd.read_csv(io.StringIO(csv)) for csv in spec["datasets"].values() if "off" in csv)
    assert set(table[table.off == 1].model) == {"moving_average"}
    assert "Triangle: beyond the axis" in page


def test_nothing_from_data_becomes_markup():
    evil = "</script><script>alert(1)</script>"
    run = made_run((evil,), model_names={"linear": "<img src=x onerror=alert(2)>"})
    finding = Finding(
        severity="doubt", kind="x", symbol=evil, message="<b>bold</b>", mend="{{ 7 * 7 }}", count=1, dates=("</td>",)
    )
    page = report.build(replace(run, findings=(finding,), verdict={**run.verdict, "words": "<i>words</i> {{ 1 + 1 }}"}))
    checked(page)
    tree = lxml_html.document_fromstring(page)
    assert len(tree.xpath("//script")) == len(tree.xpath("//script[@type='application/json']")) + 2
    assert not tree.xpath("//img | //b | //i")
    assert evil in text_of(tree)
    assert "{{ 1 + 1 }}" in text_of(tree)
    assert any(evil in spec["title"]["text"] for spec in specs(tree))


def test_a_run_without_tests_still_has_a_page(run):
    tree = lxml_html.document_fromstring(report.build(replace(run, verdict={}, fits=(), findings=())))
    assert "nothing can be called better" in answer(tree, "Did anything beat naive?")
    assert "The check of the prices found nothing to report." in text_of(tree)
    assert "Training" not in tree.xpath("//h2/text()")


def test_a_panel_has_a_row_per_symbol():
    run = made_run(tuple("ABCDEF"))
    pooled = run.scores[run.scores.symbol == "A"].assign(symbol="*")
    verdict = {**run.verdict, "symbols": dict.fromkeys("ABCDEF", run.verdict)}
    data = replace(run, scores=pd.concat([run.scores, pooled]), verdict=verdict)
    tree = lxml_html.document_fromstring(report.build(data))
    assert "Does anything beat naive on 6 symbols?" in tree.xpath("//h1/text()")
    table = tree.xpath("//table[starts-with(@aria-label, 'Symbol by symbol')]")[0]
    assert table.xpath(".//tbody/tr/th/text()") == list("ABCDEF")


def test_the_study_is_shown_as_it_lies_in_the_folder(run, tmp_path):
    (tmp_path / "study.toml").write_text('seeds = 3  # "100 %" of <them>\n')
    tree = lxml_html.document_fromstring(report.build(replace(run, folder=tmp_path)))
    assert 'seeds = 3  # "100 %" of <them>' in tree.xpath("//pre/code/text()")


def test_write_replaces_the_page_as_a_whole(run, tmp_path):
    path = report.write(replace(run, folder=tmp_path))
    first = path.read_text(encoding="utf-8")
    assert report.write(replace(run, folder=tmp_path)).read_text(encoding="utf-8") == first
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_errors_are_one_line(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="cannot write"):
        report.write(replace(run, folder=tmp_path / "file"))
    with pytest.raises(InputError, match="at least 2 run folders, 1 given"):
        report.build_comparison([run])


def test_a_comparison_shows_what_differs(run):
    other = replace(run, folder=Path("runs/other"), study={**run.study, "seeds": 7})
    page = report.build_comparison([run, other])
    checked(page)
    tree = lxml_html.document_fromstring(page)
    table = tree.xpath("//table[starts-with(@aria-label, 'Settings')]")[0]
    assert [[cell.text for cell in row] for row in table.xpath(".//tbody/tr")] == [["seeds", "5", "7"]]
    models = tree.xpath("//table[starts-with(@aria-label, 'Every model')]//tbody/tr")
    assert len(models) == 10
    assert tree.xpath("//h1/text()") == ["2 runs compared"]


def relative_luminance(colour):
    srgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("mode", [0, 1, 2], ids=["light", "dark", "print"])
def test_text_has_contrast_on_every_ground(page, mode):
    """WCAG 2.2 AA: 4.5:1 for text, on the page and on shaded panels."""
    style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
    blocks = re.findall(r"\{([^{}]*--page:[^{}]*)\}", style)
    inks = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", blocks[mode]))
    for ground in ("page", "panel"):
        for ink in ("ink", "muted", "link", "better", "worse", "unsure"):
            a, b = sorted([relative_luminance(inks[ink]), relative_luminance(inks[ground])])
            assert (b + 0.05) / (a + 0.05) >= 4.5, (ink, ground)


def test_an_invalid_model_is_named_and_explained(run):
    reason = "139 of 139 forecasts are not a positive, finite price"
    entry = dict.fromkeys(run.verdict["models"]["lstm"]) | {"ruling": "invalid", "because": [reason]}
    entry |= {test: {"statistic": None, "p_value": None} for test in ("dm", "cw", "pt")}
    data = replace(run, verdict={**run.verdict, "models": {**run.verdict["models"], "lstm": entry}})
    tree = lxml_html.document_fromstring(report.build(data))
    assert "lstm gave no forecasts that can be judged" in answer(tree, "Did anything beat naive?")
    assert reason in text_of(tree)


def test_skill_is_against_the_runs_own_benchmark(run):
    models = {name: entry for name, entry in run.verdict["models"].items() if name != "drift"}
    data = replace(run, verdict={**run.verdict, "benchmark": "drift", "models": models})
    tree = lxml_html.document_fromstring(report.build(data))
    table = tree.xpath("//table[starts-with(@aria-label, 'Rulings')]")[0]
    skill = {row[0].text: row[2].text for row in table.xpath(".//tbody/tr")}
    assert skill["drift"] == "+0.00"
    scored = data.scores.set_index("model")["skill_pct"]
    assert skill["naive"] == f"{scored['naive']:+.2f}", "one number called skill: scores.csv's is the page's"
    assert skill["linear"] == f"{models['linear']['skill_pct']:+.2f}"


@pytest.mark.parametrize("kind", ["comparison", "explore"])
def test_other_pages_keep_text_from_data_as_text(run, kind):
    evil = "<script>alert(1)</script>"
    if kind == "comparison":
        runs = [replace(made_run((evil,)), folder=Path(f"runs/{name}")) for name in (evil.replace("/", "|"), "b")]
        page = report.build_comparison(runs)
    else:
        from beatnaive.prices import Source, load
        from beatnaive.prices.explore import explore
        from beatnaive.report import charts

        [prices] = load(Source(kind="sample", symbols=("AAPL",)))
        seen = explore(replace(prices, symbol=evil), ())
        page = report.build_exploration(seen, charts.draw_exploration(seen))
    checked(page)
    tree = lxml_html.document_fromstring(page)
    assert len(tree.xpath("//script")) == len(tree.xpath("//script[@type='application/json']")) + 2
    assert "<script>alert(1)<" in text_of(tree)
