"""Scorers and kinds of the user's own: an import string in a study or on the command line."""

from pathlib import Path

import numpy as np
import pytest
from allowed import _whatever_a_test_names_may_run

from beatnaive.core.errors import InputError
from beatnaive.releases import ReleaseSpec, read_release
from beatnaive.releases.news import News

__all__ = ["_whatever_a_test_names_may_run"]

HEADLINES = "time,headline\n2024-03-05 10:00,Profits surge\n2024-03-05 11:00,Bank fails in panic\n"
OWN = '''
from dataclasses import dataclass

import numpy as np

from beatnaive.core.types import Provenance
from beatnaive.releases.table import Releases


def lengths(headlines):
    return [len(one) / 100 for one in headlines]


def short(headlines):
    return [0.0]


@dataclass(frozen=True)
class Orders:
    """Orders of a shop, known two days after their month."""

    growth: float = 1.0

    def read(self, symbols):
        end = np.array(["2023-01-31", "2023-02-28"], "datetime64[D]")
        return Releases.of(
            name="orders", period_end=end, known_at=end.astype("datetime64[s]") + 3 * 86400,
            value=self.growth * np.arange(1.0, 3.0), provenance=Provenance("my shop", "0" * 64, ""),
        )


@dataclass(frozen=True)
class Wrong:
    def read(self, symbols):
        return [1.0, 2.0]


@dataclass(frozen=True)
class Broken:
    def read(self, symbols):
        return 1 / 0
'''


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own_releases.py"
    path.write_text(OWN, encoding="utf-8")
    (tmp_path / "news.csv").write_text(HEADLINES, encoding="utf-8")
    return str(path)


def test_a_function_of_ones_own_scores_headlines(own: str, tmp_path: Path) -> None:
    table = News(str(tmp_path / "news.csv"), scorer=f"{own}:lengths").read(["A"])
    assert table.of_series("mean", "A").value.tolist() == [pytest.approx((13 + 19) / 200)]
    with pytest.raises(InputError, match="one finite number per headline"):
        News(str(tmp_path / "news.csv"), scorer=f"{own}:short").read(["A"])


def test_a_kind_of_ones_own_is_read_with_its_options(own: str) -> None:
    table = read_release("orders", ReleaseSpec(f"{own}:Orders", {"growth": 2.0}), ["A"])
    assert table.value.tolist() == [2.0, 4.0]
    with pytest.raises(InputError, match="must return Releases"):
        read_release("orders", ReleaseSpec(f"{own}:Wrong"), ["A"])
    with pytest.raises(InputError, match="division by zero") as error:
        read_release("orders", ReleaseSpec(f"{own}:Broken"), ["A"])
    assert len(str(error.value)) < 300
    with pytest.raises(InputError, match="is not a release"):
        read_release("orders", ReleaseSpec(f"{own}:lengths"), ["A"])


FINBERT = """
from pathlib import Path


def finbert(headlines):
    from transformers import pipeline

    score = {"positive": 1.0, "negative": -1.0, "neutral": 0.0}
    model = pipeline("text-classification", model=str(Path(__file__).parent / "finbert"))
    return [score[one["label"]] * one["score"] for one in model(list(headlines), truncation=True)]
"""


def test_finbert_by_a_local_path(tmp_path: Path) -> None:
    """The function of docs/information.md on a tiny random model: three labels, no network."""
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("torch")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "profits", "surge", "bank", "fails", "in", "panic"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    labels = {0: "positive", 1: "negative", 2: "neutral"}
    config = transformers.BertConfig(vocab_size=len(words), id2label=labels, **shape)
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path / "finbert")
    transformers.BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path / "finbert")
    (tmp_path / "scorer.py").write_text(FINBERT, encoding="utf-8")
    (tmp_path / "news.csv").write_text(HEADLINES, encoding="utf-8")
    table = News(str(tmp_path / "news.csv"), scorer=f"{tmp_path / 'scorer.py'}:finbert").read(["A"])
    mean = table.of_series("mean", "A").value
    assert np.isfinite(mean).all()
    assert (np.abs(mean) <= 1).all()
