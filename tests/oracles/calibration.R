# Reference values for tests/estimation/test_calibration.py, from R's survey package.
# Run from the project folder: Rscript tests/oracles/calibration.R
# Standard errors after rake(), postStratify() and calibrate() within bounds, which allow for the
# targets. tests/oracles/calibration.csv: one row per case, statistic and group.
suppressMessages(library(survey))
d <- read.csv("tests/surveys/cycling/responses/residents.csv", colClasses = "character",
              na.strings = character(0))
d$wt <- as.numeric(d$wt)
d$one <- 1000 / nrow(d)
bands <- c("16-24" = "young", "25-34" = "young", "35-44" = "middle", "45-59" = "middle", "60+" = "older")
d$age <- ifelse(d$age_group == "", "not_stated", bands[d$age_group])
d$owns_yes <- ifelse(d$owns %in% c("yes", "no"), as.numeric(d$owns == "yes"), NA)
d$safe <- ifelse(d$agree.safe %in% as.character(1:5), as.numeric(d$agree.safe), NA)
d$km <- suppressWarnings(as.numeric(d$distance))
d$young <- as.numeric(d$age == "young")
ages <- data.frame(age = c("young", "middle", "older", "not_stated"), Freq = c(300, 500, 190, 10))
places <- data.frame(district = c("north", "centre", "south", "island"), Freq = c(300, 240, 410, 50))
how <- list(maxit = 1000, epsilon = 1e-13, verbose = FALSE)
rows <- list()
keep <- function(case, statistic, group, estimate, se) {
  rows[[length(rows) + 1]] <<- data.frame(case, statistic, group,
    estimate = sprintf("%.17g", estimate), se = sprintf("%.17g", se))
}
there <- list(owns_yes = !is.na(d$owns_yes), safe = !is.na(d$safe), km = !is.na(d$km), young = TRUE)
for (v in c("owns_yes", "safe", "km")) d[[v]][is.na(d[[v]])] <- 0  # left out of each domain below
all_of <- function(case, design) {
  for (v in names(there)) {
    m <- svymean(as.formula(paste0("~", v)), design[there[[v]], ])
    keep(case, v, "", coef(m), SE(m))
    if (v == "young") next
    for (g in c("young", "middle", "older")) {
      m <- svymean(as.formula(paste0("~", v)), design[there[[v]] & d$age == g, ])
      keep(case, v, g, coef(m), SE(m))
    }
  }
  m <- svytotal(~owns_yes, design[there$owns_yes, ])
  keep(case, "total of owns_yes", "", coef(m), SE(m))
  for (v in c("owns_yes", "safe")) {  # as svyttest, which takes no domains here
    two <- design[d$age %in% c("young", "older") & there[[v]], ]
    fit <- svyglm(as.formula(paste(v, "~ young")), two)
    keep(case, paste(v, "of young less older"), "", coef(fit)["young"], SE(fit)["young"])
  }
  three <- design[d$age != "not_stated" & there$owns_yes, ]
  chi <- svychisq(~ owns_yes + district, design[there$owns_yes, ])
  keep(case, "owns by district", "F", chi$statistic, chi$p.value)
  fit <- svyglm(owns_yes ~ age, three, family = quasibinomial())
  keep(case, "model", "older", coef(fit)["ageolder"], SE(fit)["ageolder"])
  fit <- svyglm(km ~ age, design[d$age != "not_stated" & there$km, ])
  keep(case, "linear model", "young", coef(fit)["ageyoung"], SE(fit)["ageyoung"])
}
weighted <- svydesign(ids = ~1, strata = ~district, weights = ~wt, data = d)
equal <- svydesign(ids = ~1, weights = ~one, data = d)
all_of("raked", rake(weighted, list(~age, ~district), list(ages, places), how))
all_of("raked from equal", rake(equal, list(~age, ~district), list(ages, places), how))
all_of("post-stratified", postStratify(weighted, ~age, ages))
bounded <- make.calfun(
  Fm1 = function(u, bounds) pmin(pmax(exp(u), bounds[[1]]), bounds[[2]]) - 1,
  dF = function(u, bounds) ifelse(exp(u) > bounds[[1]] & exp(u) < bounds[[2]], exp(u), 0),
  name = "bounded raking")
X <- model.matrix(~ 0 + age + district, d)
wanted <- c(setNames(ages$Freq, paste0("age", ages$age)),
            setNames(places$Freq, paste0("district", places$district)))[colnames(X)]
all_of("bounded", calibrate(equal, ~ 0 + age + district, wanted, calfun = bounded,
                            bounds = list(0.65, 1.35), epsilon = 1e-12, maxit = 500))
out <- do.call(rbind, rows)
header <- sprintf("# %s, survey %s, %s; tolerance 1e-6 relative", R.version.string,
                  packageVersion("survey"), Sys.Date())
con <- file("tests/oracles/calibration.csv", "w")
writeLines(header, con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
