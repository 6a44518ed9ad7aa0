"""Scorers of headlines: from texts to numbers between -1 and 1."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from beatnaive.core.errors import InputError
from beatnaive.core.types import Floats
from beatnaive.releases.file import column_of, read_frame


def vader(headlines: Sequence[str]) -> Floats:
    """VADER's compound score, a lexicon and rules for short texts (Hutto and Gilbert 2014).

    >>> bool(vader(["Profits surge to a great record"])[0] > 0 > vader(["Bank fails, panic"])[0])
    True
    """
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return np.array([analyser.polarity_scores(one)["compound"] for one in headlines])


def lexicon(headlines: Sequence[str], path: str | None) -> Floats:
    """Mean score of a headline's words in a list of the user's own, such as Loughran and McDonald's; 0 where none is.

    path: CSV or Parquet with the columns word and score. Raises InputError for a file that is not such a list.
    """
    if path is None:
        raise InputError("the scorer lexicon needs a list of words: add words = FILE, with columns word and score")
    frame, provenance = read_frame(path)
    word = column_of(frame, ("word",), provenance.source, "which words it scores")
    score = column_of(frame, ("score", "value"), provenance.source, "each word's score")
    known = dict(zip(frame[word].astype(str).str.lower(), frame[score].astype(float), strict=True))
    found = [[known[one] for one in re.findall(r"[a-z']+", text.lower()) if one in known] for text in headlines]
    return np.array([float(np.mean(scores)) if scores else 0.0 for scores in found])
