"""One paragraph per method, for a reader who has never met it. Shown behind a disclosure beside the result."""

from __future__ import annotations

from beatnaive.report.html import Method

METHODS: dict[str, Method] = {
    "naive": Method(
        "What is the naive forecast, and why compare with it?",
        "Naive says: tomorrow's close equals today's. If prices cannot be forecast from their own past, nothing does "
        "better on average, and every error measure of a price level looks excellent for it, because today's close is "
        "already close to tomorrow's. So a number such as R2 = 0.98 means nothing by itself; only the difference to "
        "naive, on the same rows, does.",
    ),
    "skill": Method(
        "What is skill, and what is its interval?",
        "Skill = 100 (1 - RMSE of the model / RMSE of naive): how many per cent of naive's typical error the model "
        "removes; negative means that it adds error. The bracket is a 90 % interval: over many test periods like this "
        "one, nine in ten such intervals would hold the true skill. An interval that includes zero does not decide. "
        "Skill and interval are those of the loss that rules, the squared error of log returns unless the study says "
        "otherwise, and come from the same t as the ruling: no model is called better beside an interval with zero.",
    ),
    "information": Method(
        "How is it told whether knowing more helps, and what is the leak premium?",
        "Every value is used from the moment of its publication on. A model that uses a release is compared with its "
        "twin: the same model, seeds and folds without it. Nested least squares are decided by Clark and West's test "
        "(doi:10.1016/j.jeconom.2006.05.023), all others by the t of the rulings, with Holm's correction over all "
        "pairs. The leak premium is what the same model would have gained had the release been merged by the date "
        "beside its values, as is commonly done: it would then have known what nobody knew.",
    ),
    "stepdown": Method(
        "What is the adjusted p, and how does a model get its ruling?",
        "With several models, one looks good by luck more often than one thinks. The adjusted p-value answers: if "
        "no model had any edge, how often would the best of all that were tried look at least this good? Each "
        "model's t has a standard error from low-frequency cosines (doi:10.1080/07350015.2018.1506926), is made again "
        "on thousands of resampled histories, and the largest of them all is what the best must beat: a Romano-Wolf "
        "step-down (doi:10.1111/j.1468-0262.2005.00615.x). "
        "'Better' needs an adjusted p below 0.05, and four in five of a network's seeds ahead of naive; 'worse' is the "
        "same test turned round; otherwise the ruling is 'cannot tell', which is not the same as 'equal'.",
    ),
    "mde": Method(
        "What is the minimum detectable effect?",
        "The smallest true skill that this test, on this many sessions, would have called 'better' in four of five "
        "studies. A smaller edge may exist; these data could not show it. It depends on how much a model's errors "
        "differ from naive's from day to day and shrinks with the square root of the number of sessions: four times "
        "the data halve it.",
    ),
    "worth": Method(
        "When has a strategy paid?",
        "Positions are set from the forecast made at each close, by one simple rule, and cost a fixed number of basis "
        "points of whatever is traded. Paid: the net return beats cash and the market held at the strategy's own mean "
        "exposure, at least whole, by the same test as every other ruling, all models and trials counted. Break-even "
        "is the cost at which nothing is left; the Sharpe ratio has its error (doi:10.2469/faj.v58.n4.2453) and the "
        "probability that it is above what the best of so many worthless trials shows (doi:10.3905/jpm.2014.40.5.094). "
        "A fill at the very close that the forecast was made of is seldom to be had: compare it with the next open. "
        "BeatNaive is a measuring instrument, not advice.",
    ),
    "dm": Method(
        "What are Diebold-Mariano, Clark-West and Pesaran-Timmermann?",
        "Diebold-Mariano (doi:10.1080/07350015.1995.10524599) asks whether the mean difference of two models' losses "
        "is more than chance, one model at a time. Clark-West (doi:10.1016/j.jeconom.2006.05.023) asks whether a model "
        "that contains naive as a special case carries information even where its estimation error still hides it; it "
        "never decides a ruling. Pesaran-Timmermann (doi:10.1080/07350015.1992.10509922) asks whether the sign of the "
        "move is called better than by guessing. The confidence set holds the models that cannot be told apart from "
        "the best one at 90 %.",
    ),
    "levels": Method(
        "Why does every forecast look so good on the price chart?",
        "A price chart hides the size of one day's move inside months of drift. A forecast that repeats yesterday's "
        "close lies one step to the right of the truth and touches it almost everywhere. Look at the close-up: does a "
        "forecast turn before the price does, or one session after it?",
    ),
    "returns": Method(
        "Why look at returns?",
        "The return is what one would have to know: how far, and in which direction, the next session moves. Against "
        "returns a forecast with information makes a cloud that leans along the dashed line; a forecast without is a "
        "cloud that does not lean, however well it did on levels. The correlation is written over each panel.",
    ),
    "cumulative": Method(
        "How is the cumulated difference read?",
        "Each session adds naive's loss minus the model's loss (Welch and Goyal, doi:10.1093/rfs/hhm014). A rising "
        "line means the model is ahead in that stretch; a line that gains all its height in one week owes it to luck. "
        "The grey band is where a model exactly as accurate as naive would stay at a given session nine times in ten. "
        "The last value is the share of naive's squared error that the model removed.",
    ),
    "groups": Method(
        "How are the errors by year, regime and weekday read?",
        "The same skill, computed on parts of the sessions. With many cells a few stand out by chance: one in twenty "
        "is beyond two standard errors when nothing is going on. Volatility regimes are thirds of the realised "
        "volatility over the month before the forecast, so that they were known when it was made.",
    ),
    "seeds": Method(
        "Why several seeds?",
        "A network starts from random weights and ends, with the same data and options, at another forecast for every "
        "seed. One run can be lucky. The bar is the error of the mean forecast of all seeds, which is never worse than "
        "the seeds' average error; the dots are the seeds by themselves. A gap to naive smaller than the spread of the "
        "dots says little.",
    ),
    "training": Method(
        "How are loss curves read?",
        "Training loss is the error on the rows the network learns from and falls as long as it is trained. "
        "Validation loss is the error on the last part of the training period, which it does not learn from and which "
        "lies before the test period. Where validation loss turns up while training loss falls, the network learns the "
        "noise of its training rows: over-fitting. A validation loss that is flat from the start means that there was "
        "nothing to learn.",
    ),
    "learning": Method(
        "What is a learning curve?",
        "The same model trained on growing parts of the training period and judged on the same test rows. A curve that "
        "still rises at its right end may improve with more data; a flat one will not.",
    ),
    "intervals": Method(
        "What are coverage and calibration?",
        "A 95 % interval should hold the outcome in 95 of 100 sessions, in calm and in wild times alike. The coverage "
        "chart shows the share over the last months, the table below it the share in calm and in wild times. The "
        "histograms (probability integral transform) show where outcomes fell among the forecast's own quantiles: flat "
        "is honest, high ends are too narrow, low ends are too cautious, a slope is a centre that errs to one side. "
        "Coverage is an average over sessions and says nothing about a single day.",
    ),
    "conformal": Method(
        "How are the intervals made?",
        "From each model's own errors in forecasts that were made out of sample, divided by the volatility known when "
        "they were made: the quantiles of the last 500 of them, at levels that move a little after every outcome, so "
        "that the share of misses tends to what is promised whatever the market does (adaptive conformal inference, "
        "Gibbs and Candes 2021). No interval uses an outcome that was not known at its origin.",
    ),
    "crps": Method(
        "What are CRPS and Winkler's score?",
        "A wide interval is never wrong and never useful; these scores count both. The continuous ranked probability "
        "score (doi:10.1198/016214506000001437) is the absolute error of a whole distribution: for a forecast of one "
        "number it is the plain absolute error. Winkler's score (doi:10.1080/01621459.1972.10481224) is an interval's "
        "width plus a fine for every outcome outside. Lower is better; the chart shows how much of naive's a model "
        "saves. Most models share naive's width, so that differences are small.",
    ),
    "diagnosis": Method(
        "How are the reasons found?",
        "A lagged copy is found by shifting the forecast against the close: when it fits yesterday's close better than "
        "the one it is meant for, it repeats. Parameters per training window say how easily a model can memorise. The "
        "gap between R2 on levels and R2 on returns says how much of a good-looking score is only the level.",
    ),
    "findings": Method(
        "What are findings?",
        "Before anything is fitted the prices are checked: sessions missing or extra against the exchange's calendar, "
        "duplicates, gaps, stale runs, jumps that look like an unapplied split or a wrong unit, impossible bars. "
        "Nothing is repaired silently: a note is for information, a doubt may matter, a fatal finding stops the run.",
    ),
    "timing": Method(
        "How is looking ahead prevented?",
        "Every row knows when its last price was known and when its outcome was. A model is trained only on rows whose "
        "outcome was known at the cutoff; whatever is estimated (scaling, penalties, early stopping) is estimated on "
        "training rows; prices are adjusted with the dividends and splits known at the study's own date.",
    ),
}


def methods(*names: str) -> tuple[Method, ...]:
    """The named paragraphs, in this order."""
    return tuple(METHODS[name] for name in names)
