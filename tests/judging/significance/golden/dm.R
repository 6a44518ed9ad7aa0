# Golden values of tests/significance/test_golden.py. Run: Rscript dm.R (R >= 4.2, forecast >= 8.20).
# Writes series.csv (forecast errors of two models), dm.csv (forecast::dm.test where its variance is positive) and
# worked.csv (the random numbers behind two examples that the package forecastdom publishes with their results).
suppressWarnings(suppressPackageStartupMessages(library(forecast)))
options(digits = 17)

set.seed(20240101)
ar <- function(n, phi) as.numeric(arima.sim(list(ar = phi), n))
series <- list(
  normal60 = cbind(rnorm(60), rnorm(60, sd = 1.1)),
  ar239 = cbind(ar(239, 0.5), ar(239, 0.7)),
  heavy500 = cbind(rt(500, 4), rt(500, 4) * 0.95),
  overlap300 = cbind(as.numeric(stats::filter(rnorm(304), rep(1, 5), sides = 1))[5:304],
                     as.numeric(stats::filter(rnorm(304), rep(1, 5), sides = 1))[5:304] * 1.05)
)

positive <- function(d, h) {
  c <- acf(d, lag.max = h - 1, type = "covariance", plot = FALSE)$acf[, , 1]
  sum(c(c[1], 2 * c[-1])) > 0
}
number <- function(x) formatC(x, digits = 17, format = "g")

errors <- do.call(rbind, lapply(names(series), function(name) {
  data.frame(series = name, e1 = number(series[[name]][, 1]), e2 = number(series[[name]][, 2]))
}))
write.csv(errors, "series.csv", row.names = FALSE, quote = FALSE)

rows <- list()
for (name in names(series)) for (h in c(1, 2, 5, 20)) for (power in 1:2) {
  e1 <- series[[name]][, 1]; e2 <- series[[name]][, 2]
  if (!positive(abs(e1)^power - abs(e2)^power, h)) next
  for (alternative in c("two.sided", "greater", "less")) {
    t <- dm.test(e1, e2, alternative = alternative, h = h, power = power)
    rows[[length(rows) + 1]] <- data.frame(series = name, h = h, power = power, alternative = alternative,
                                           statistic = number(t$statistic), p_value = number(t$p.value))
  }
}
write.csv(do.call(rbind, rows), "dm.csv", row.names = FALSE, quote = FALSE)

set.seed(42)
actual <- rnorm(200); f1 <- actual + rnorm(200, sd = 0.5); f2 <- actual + rnorm(200, sd = 0.4)
set.seed(42)
e1 <- rnorm(200); e2 <- rnorm(200, sd = 0.9)
write.csv(data.frame(actual = number(actual), f1 = number(f1), f2 = number(f2), e1 = number(e1), e2 = number(e2)),
          "worked.csv", row.names = FALSE, quote = FALSE)
