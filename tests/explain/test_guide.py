"""The guide: its claims hold on new data, its numbers are those of the networks, its page is sound."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from beatnaive.explain.adding_task import STEPS, Learner, draw, measured, show
from beatnaive.explain.market import market


def test_the_small_network_wins_against_linear_on_the_same_inputs() -> None:
    train, test = draw(4000, seed=11), draw(2000, seed=12)
    flat = [np.column_stack([np.ones(len(t.answer)), t.windows.reshape(len(t.answer), -1)]) for t in (train, test)]
    weights = np.linalg.lstsq(flat[0], train.answer, rcond=None)[0]
    linear = 1 - np.mean((test.answer - flat[1] @ weights) ** 2) / np.mean(test.answer**2)
    lstm = 1 - np.mean((test.answer - Learner.trained().say(test.windows)) ** 2) / np.mean(test.answer**2)
    assert lstm > 0.98
    assert linear < 0.1
    assert measured()["adding"]["lstm"] == pytest.approx(lstm, abs=0.01)
    assert measured()["adding"]["linear"] == pytest.approx(linear, abs=0.05)


def test_the_answer_reacts_to_the_flagged_steps_alone() -> None:
    task, learner = draw(50), Learner.trained()
    for window, flagged in zip(task.windows, task.flagged, strict=True):
        reaction = np.abs(learner.reaction(window))
        assert set(np.argsort(-reaction)[:2]) == set(flagged)
        assert np.delete(reaction, flagged).max() < 0.2 < reaction[flagged].min()


def test_the_input_gate_opens_on_flags_and_memory_does_not_fade() -> None:
    shown = show(500)
    flagged, others, unit = shown.lifted
    assert 1 <= unit <= 16
    assert flagged > others + 0.5
    _, error = shown.error_by_age()
    assert error.max() < 0.2
    assert len(shown.recording.cell[0]) == STEPS


def test_nothing_is_learnt_from_a_random_walk() -> None:
    means = [np.mean(row["r2"]) for row in measured()["walk"]]
    assert all(mean < 0.002 for mean in means)
    assert means == sorted(means)


class Outline(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: set[str] = set()
        self.anchors: set[str] = set()
        self.images: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if found.get("role") == "img":
            self.images.append(found.get("aria-label", ""))
        if "id" in found:
            self.ids.add(found["id"])
        if found.get("href", "").startswith("#"):
            self.anchors.add(found["href"][1:])
        self.addresses += [found[key] for key in ("src", "href") if re.match(r"(https?:)?//", found.get(key, ""))]


def test_the_page_teaches_every_subject_offline_and_accessibly(guide: str) -> None:
    page = Outline(guide)
    main = re.search(r"<main.*</main>", guide, re.DOTALL)
    assert main is not None
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", main[0], flags=re.DOTALL)
    for subject in (
        "hidden state", "cell state", "forget gate", "input gate", "output gate", "candidate", "hidden size",
        "4 × 5 and 4 × 4", "160 numbers", "return_sequences", "return_state", "every stacked layer but the last",
        "When it pays", "When it cannot pay", "random walk",
    ):  # fmt: skip
        assert subject in text, subject
    assert f"R² = {show().r2:.3f}" in text
    assert page.levels[0] == 1
    assert page.levels.count(1) == 1
    assert page.anchors <= page.ids
    assert page.images
    assert all(len(words) > 40 for words in page.images)
    assert page.addresses == []
    assert '<html lang="en">' in guide
    assert len(guide) < 3_000_000


def test_the_market_is_forecast_because_a_sign_is_kept_for_weeks() -> None:
    found = market(3000, seed=21)
    assert 0.01 < found.r2 < found.ceiling < 0.08
    assert abs(found.held()) > 0.6
    assert abs(found.held(30, 59)) > 0.4
    for up, down in zip(found.by_age()[2::2], found.by_age()[3::2], strict=True):  # from the session after the shock on
        assert np.sign(up["cell"]) != np.sign(down["cell"])
    assert market(3000, strength=0.0, seed=21).r2 < 0


def test_the_market_s_windows_are_those_of_the_network_and_its_sign_is_known_today() -> None:
    found = market(300)
    for k in (0, 50, 299):
        window = found.windows[k]
        shocks = np.flatnonzero(np.abs(window[:-1]) > found.large)
        if len(shocks):
            assert found.sign[k] == np.sign(window[shocks[-1]])
            assert found.age[k] == len(window) - 1 - shocks[-1]
    assert (found.windows[1:, -1] == found.following[:-1].astype(np.float32)).all()
