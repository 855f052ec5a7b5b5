# Reference values for tests/estimation/test_trends.py, from R's survey package.
# Run from the project folder: Rscript tests/oracles/trends.R
# A panel of 260 people over three waves, written here: some answer in every wave, some in one or
# two, with weights and strata; tests/oracles/trends_panel.csv. Cases in tests/oracles/trends.csv:
# estimates by wave with their covariance (svyby, covmat), people as clusters or rows as their own,
# and the Wald tests of svyglm on the wave (regTermTest, F).
suppressMessages(library(survey))
set.seed(20)
people <- 260
rows <- list()
for (i in seq_len(people)) {
  area <- c("town", "coast", "hills")[1 + i %% 3]
  pull <- rnorm(1)
  w <- round(runif(1, 0.4, 2.5), 3)
  waves <- if (i <= 120) 1:3 else if (i <= 170) 1:2 else if (i <= 200) 2:3 else sample(1:3, 1)
  for (v in waves) {
    yes <- if (pull + rnorm(1) > 0.5 - 0.25 * v) "yes" else "no"
    if (runif(1) < 0.06) yes <- ""
    hours <- round(10 + 2 * pull + 0.5 * v + rnorm(1), 1)
    rows[[length(rows) + 1]] <- data.frame(
      row = length(rows) + 1, person = sprintf("P%03d", i), wave = 2016 + 3 * v, area,
      wt = round(w * runif(1, 0.8, 1.2), 3), member = yes,
      hours = if (runif(1) < 0.05) "" else format(hours))
  }
}
d <- do.call(rbind, rows)
write.csv(d, "tests/oracles/trends_panel.csv", row.names = FALSE, quote = FALSE)
d$y <- ifelse(d$member == "", NA, as.numeric(d$member == "yes"))
d$x <- suppressWarnings(as.numeric(d$hours))
d$one <- 1
out <- list()
keep <- function(case, what, value) out[[length(out) + 1]] <<- data.frame(case, what, value = sprintf("%.12g", value))
run <- function(case, design, variable) {
  part <- subset(design, !is.na(design$variables[[variable]]))
  by <- svyby(as.formula(paste0("~", variable)), ~wave, part, svymean, covmat = TRUE)
  v <- vcov(by); est <- coef(by)
  for (k in seq_along(est)) { keep(case, paste0("estimate", k), est[k]); keep(case, paste0("se", k), sqrt(v[k, k])) }
  J <- length(est)
  keep(case, "ends", est[J] - est[1])
  keep(case, "ends_se", sqrt(v[1, 1] + v[J, J] - 2 * v[1, J]))
  keep(case, "step_se", sqrt(v[1, 1] + v[2, 2] - 2 * v[1, 2]))
  m <- svyglm(as.formula(paste0(variable, " ~ factor(wave)")), part)
  t <- regTermTest(m, ~factor(wave), method = "Wald")
  keep(case, "f", t$Ftest); keep(case, "df1", t$df); keep(case, "df2", t$ddf); keep(case, "p", t$p)
}
options(survey.lonely.psu = "fail")
plain <- svydesign(ids = ~1, weights = ~one, data = d)
panel <- svydesign(ids = ~person, weights = ~one, data = d)
both <- svydesign(ids = ~person, weights = ~wt, strata = ~area, data = d)
apart <- svydesign(ids = ~1, weights = ~wt, strata = ~area, data = d)
two <- subset(both, wave != 2022)
for (v in c("y", "x")) {
  run(paste("equal apart", v), plain, v)
  run(paste("equal panel", v), panel, v)
  run(paste("weights apart", v), apart, v)
  run(paste("weights panel", v), both, v)
  run(paste("two waves", v), two, v)
}
out <- do.call(rbind, out)
con <- file("tests/oracles/trends.csv", "w")
writeLines(sprintf("# %s, survey %s, %s; tolerance 1e-7 relative", R.version.string, packageVersion("survey"), Sys.Date()), con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
