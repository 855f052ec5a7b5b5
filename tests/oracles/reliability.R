# Alpha with its interval, omega of one factor and a bootstrap interval of it, by R's psych.
# Rscript tests/oracles/reliability.R > tests/oracles/reliability.csv
suppressPackageStartupMessages(library(psych))
i <- 1:240
common <- (i * 7) %% 23
x <- data.frame(
  a = 1 + (common + (i * 5) %% 11) %/% 8,
  b = 1 + (common + (i * 3) %% 17) %/% 9,
  c = 1 + (common + (i * 11) %% 19) %/% 10,
  d = 1 + ((common + (i * 13) %% 29) %/% 12),
  e = 1 + ((i * 2 + common) %% 37) %/% 9
)
set.seed(1)
omega_of <- function(y) {
  fitted <- fa(cor(y), nfactors = 1, fm = "minres")
  1 - sum(fitted$uniquenesses) / sum(cor(y))
}
found <- suppressWarnings(alpha(x))
total <- suppressMessages(suppressWarnings(omega(x, nfactors = 1, plot = FALSE)))$omega.tot
booted <- quantile(replicate(2000, omega_of(x[sample(240, 240, TRUE), ])), c(.025, .975))
row <- function(name, values) cat(name, sprintf("%.10f", values), sep = ",", fill = 400)
row("alpha", unlist(found$total["raw_alpha"]))
row("low", found$feldt$lower.ci)
row("high", found$feldt$upper.ci)
row("omega", total)
row("booted", booted)
row("item_rest", found$item.stats$r.drop)
row("alpha_without", found$alpha.drop$raw_alpha)
