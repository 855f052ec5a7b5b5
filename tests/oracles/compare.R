# Reference values for tests/test_compare.py and tests/test_planning.py.
# Run from the project folder: Rscript tests/oracles/compare.R
# It reads the raw answers itself and writes tests/oracles/compare.csv: case, the two groups (or
# the four counts), name of the statistic, value. Base and stats, and the survey package.
suppressMessages(library(survey))
rows <- list()
keep <- function(case, a, b, ...) {
  values <- c(...)
  rows[[length(rows) + 1]] <<- data.frame(case, a, b, statistic = names(values),
    value = sprintf("%.17g", values), row.names = NULL)
}

# Two unweighted shares: yes of n against yes of n.
pairs <- list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(10, 10, 0, 20), c(0, 10, 0, 20), c(10, 10, 10, 10),
  c(6, 7, 2, 7), c(5, 56, 0, 29), c(3, 9, 3, 9), c(1, 1, 0, 1), c(12, 40, 30, 66), c(4, 28, 11, 28),
  c(300, 1000, 340, 1000), c(2, 1000, 9, 1000), c(5, 5, 1, 5), c(14, 40, 26, 40))
for (v in pairs) {
  counts <- matrix(c(v[1], v[2] - v[1], v[3], v[4] - v[3]), 2)
  chi <- suppressWarnings(chisq.test(counts, correct = FALSE))
  prop <- suppressWarnings(prop.test(v[c(1, 3)], v[c(2, 4)], correct = FALSE))
  keep("pair", paste(v[1:2], collapse = "/"), paste(v[3:4], collapse = "/"),
    fisher = fisher.test(counts)$p.value, chi2 = unname(chi$statistic), chi2_p = chi$p.value,
    prop_p = prop$p.value, expected = min(chi$expected))
}

# Unweighted tables, row by row.
for (m in list(matrix(c(10, 20, 30, 6, 25, 9), 2, byrow = TRUE),
               matrix(c(1, 2, 0, 7, 5, 3, 2, 2, 9), 3, byrow = TRUE))) {
  chi <- suppressWarnings(chisq.test(m, correct = FALSE))
  keep("table", paste(t(m), collapse = " "), ncol(m), chi2 = unname(chi$statistic),
    df = unname(chi$parameter), p = chi$p.value, expected = min(chi$expected))
}

raw <- c(0.01, 0.02, NA, 0.5, 0.04, 0.04, 1, 0.0001)
bh <- p.adjust(raw, "BH")
for (i in seq_along(raw)) keep("adjust", i, raw[i], p = bh[i])

# Smallest detectable difference; with unequal groups from the power of the same test.
for (v in list(c(40, 0.5, 0.8, 0.05), c(40, 0.3, 0.8, 0.05), c(150, 0.1, 0.9, 0.01)))
  keep("power", paste(v[1], v[1]), paste(v[2:4], collapse = " "), up = power.prop.test(n = v[1],
    p1 = v[2], power = v[3], sig.level = v[4], tol = 1e-14)$p2 - v[2])
power_of <- function(d, n, m, p, alpha) {
  q <- (n * p + m * (p + d)) / (n + m)
  pnorm((abs(d) - qnorm(1 - alpha / 2) * sqrt(q * (1 - q) * (1 / n + 1 / m))) /
          sqrt(p * (1 - p) / n + (p + d) * (1 - p - d) / m))
}
for (v in list(c(40, 66, 0.5), c(20, 100, 0.3), c(25, 25, 0)))
  keep("power", paste(v[1:2], collapse = " "), paste(v[3], 0.8, 0.05),
    up = uniroot(function(d) power_of(d, v[1], v[2], v[3], 0.05) - 0.8, c(1e-9, 1 - v[3] - 1e-9), tol = 1e-14)$root)

both <- function(case, design, y, by, one, two) {
  part <- design[which(design$variables[[by]] %in% c(one, two) & !is.na(design$variables[[y]])), ]
  part$variables$first <- as.numeric(part$variables[[by]] == one)
  t <- svyttest(as.formula(paste(y, "~ first")), part)
  means <- svyby(as.formula(paste0("~", y)), as.formula(paste0("~", by)), part, svymean, covmat = TRUE)
  linear <- svycontrast(means, setNames(list(setNames(c(1, -1), c(one, two))), "d"))
  keep(case, one, two, difference = unname(coef(linear)), se = unname(SE(linear)),
    t = unname(t$statistic), df = unname(t$parameter), p = unname(t$p.value),
    low = t$conf.int[1], high = t$conf.int[2])
}
associated <- function(case, design, y, by) {
  formula <- as.formula(paste0("~", y, "+", by))
  f <- svychisq(formula, design, statistic = "F")
  first <- svychisq(formula, design, statistic = "Chisq")
  # Raw X2 of svychisq is scaled to its rows, those without an answer included: F times its trace.
  keep(case, y, by, f = unname(f$statistic), df1 = unname(f$parameter[1]), df2 = unname(f$parameter[2]),
    p = unname(f$p.value), df_first = unname(first$parameter), p_first = unname(first$p.value))
}

d <- read.csv("tests/surveys/cycling/responses/residents.csv", colClasses = "character",
              na.strings = character(0))
d$wt <- as.numeric(d$wt)
bands <- c("16-24" = "young", "25-34" = "young", "35-44" = "middle", "45-59" = "middle", "60+" = "older")
d$age <- ifelse(d$age_group == "", NA, bands[d$age_group])
d$owns <- ifelse(d$owns %in% c("yes", "no"), d$owns, NA)
d$owns_yes <- as.numeric(d$owns == "yes")
d$often <- ifelse(d$owns %in% "yes" & d$often != "", d$often, NA)
d$often_daily <- as.numeric(d$often == "daily")
d$safe <- ifelse(d$agree.safe %in% as.character(1:5), d$agree.safe, NA)
d$safe_high <- as.numeric(d$safe %in% c("4", "5")) + ifelse(is.na(d$safe), NA, 0)
d$traffic <- d$barriers.traffic
d$traffic_x <- as.numeric(d$traffic == "x")
design <- svydesign(ids = ~1, strata = ~district, weights = ~wt, data = d)
for (y in c("owns_yes", "often_daily", "safe_high", "traffic_x"))
  for (pair in list(c("young", "middle"), c("young", "older"), c("middle", "older")))
    both("cycling", design, y, "age", pair[1], pair[2])
for (pair in list(c("north", "centre"), c("centre", "island")))
  both("cycling", design, "owns_yes", "district", pair[1], pair[2])
both("cycling in two districts", design[which(d$district %in% c("north", "south")), ], "owns_yes", "age",
  "young", "older")
for (y in c("owns", "often", "safe", "traffic")) {
  associated("cycling", design, y, "age")
  associated("cycling", design, y, "district")
}
associated("cycling in two districts", design[which(d$district %in% c("north", "south")), ], "owns", "age")

# Made by rule, the same in test_compare.py: three strata and one with a single respondent, unequal
# weights; in group z nobody says a.
i <- 0:60
made <- data.frame(s = c("s1", "s2", "s3")[i %% 3 + 1], w = 1 + ((i * 7) %% 11) / 4,
  g = c("x", "y", "z")[(i * 5) %/% 2 %% 3 + 1], ans = ifelse((i * i + 3 * i) %% 7 < 3, "a", "b"))
made$s[61] <- "s4"
made$ans[made$g == "z" & made$ans == "a"] <- "c"
made$a <- as.numeric(made$ans == "a")
made$c <- as.numeric(made$ans == "c")
made$size <- c(s1 = 40, s2 = 80, s3 = 100, s4 = 5)[made$s]
options(survey.lonely.psu = "adjust")
design <- svydesign(ids = ~1, strata = ~s, weights = ~w, data = made)
both("made", design, "a", "g", "x", "y")
associated("made", design, "ans", "g")
associated("made x z", design[made$g != "y", ], "a", "g")
design <- svydesign(ids = ~1, strata = ~s, weights = ~w, fpc = ~size, data = made)
both("made fpc", design, "a", "g", "x", "y")
associated("made fpc", design, "ans", "g")
# Two independent samples: each half of it with strata of its own.
made$p <- ifelse(i %% 2 == 0, "even", "odd")
made$ps <- paste(made$p, made$s)
design <- svydesign(ids = ~1, strata = ~ps, weights = ~w, data = made)
both("made two samples", design, "a", "p", "even", "odd")

# Two selections that share respondents: shares are ratios of totals, their difference linearised.
overlapping <- function(case, design, one, other, name) {
  design <- update(design, in1 = as.numeric(one), in2 = as.numeric(other), y1 = a * one, y2 = a * other)
  totals <- svytotal(~y1 + in1 + y2 + in2, design)
  d <- svycontrast(totals, quote(y1 / in1 - y2 / in2))
  keep(case, name, sum(one & other), difference = unname(coef(d)), se = unname(SE(d)))
}
design <- svydesign(ids = ~1, strata = ~s, weights = ~w, data = made)
with_fpc <- svydesign(ids = ~1, strata = ~s, weights = ~w, fpc = ~size, data = made)
for (v in list(list("x|xy", made$g == "x", made$g != "z"), list("xy|yz", made$g != "z", made$g != "x"),
               list("x|all", made$g == "x", made$g != ""), list("x|y", made$g == "x", made$g == "y"))) {
  overlapping("overlap", design, v[[2]], v[[3]], v[[1]])
  overlapping("overlap fpc", with_fpc, v[[2]], v[[3]], v[[1]])
}

out <- do.call(rbind, rows)
header <- sprintf("# %s, survey %s, %s; tolerance 1e-8 relative, 1e-12 absolute at zero",
                  R.version.string, packageVersion("survey"), Sys.Date())
con <- file("tests/oracles/compare.csv", "w")
writeLines(header, con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
