# Reference values for tests/test_estimates.py, from R's survey package.
# Run from the project folder: Rscript tests/oracles/estimates.R
# It reads the raw answers itself and writes tests/oracles/estimates.csv: one row per estimate
# with its standard error; deff against simple random sampling with replacement.
suppressMessages(library(survey))
d <- read.csv("tests/surveys/cycling/responses/residents.csv", colClasses = "character",
              na.strings = character(0))
d$wt <- as.numeric(d$wt)
bands <- c("16-24" = "young", "25-34" = "young", "35-44" = "middle", "45-59" = "middle", "60+" = "older")
d$age <- ifelse(d$age_group == "", NA, bands[d$age_group])
yes_no <- function(x) ifelse(x %in% c("yes", "no"), as.numeric(x == "yes"), NA)
d$owns_yes <- yes_no(d$owns)
d$often_daily <- ifelse(d$owns == "yes" & d$often != "", as.numeric(d$often == "daily"), NA)
d$often_dk <- ifelse(d$owns == "yes" & d$often != "", as.numeric(d$often == "98"), NA)
routed <- d$owns == "yes" & d$often %in% c("daily", "weekly")
answered <- d$purposes.work != "" | d$purposes.shops != "" | d$purposes.fun != ""
d$work <- ifelse(routed & answered, as.numeric(d$purposes.work == "1"), NA)
d$traffic <- as.numeric(d$barriers.traffic == "x")
d$safe_5 <- ifelse(d$agree.safe %in% as.character(1:5), as.numeric(d$agree.safe == "5"), NA)
d$helmet_blank <- ifelse(d$owns == "yes", as.numeric(d$helmet == ""), NA)
design <- svydesign(ids = ~1, strata = ~district, weights = ~wt, data = d)
plain <- svydesign(ids = ~1, weights = ~1, data = d)
rows <- list()
keep <- function(case, group, estimate, se, deff, n) {
  rows[[length(rows) + 1]] <<- data.frame(case, group, estimate = sprintf("%.17g", estimate),
    se = sprintf("%.17g", se), deff = sprintf("%.17g", deff), n)
}
whole <- function(case, variable, of = design) {
  m <- svymean(as.formula(paste0("~", variable)), of, na.rm = TRUE, deff = "replace")
  keep(case, "", coef(m), SE(m), deff(m), sum(!is.na(of$variables[[variable]])))
}
split_by <- function(case, variable, by, of = design) {
  for (level in sort(unique(na.omit(d[[by]])))) {
    part <- of[which(d[[by]] == level), ]
    m <- svymean(as.formula(paste0("~", variable)), part, na.rm = TRUE, deff = "replace")
    keep(case, level, coef(m), SE(m), deff(m), sum(!is.na(d[[variable]]) & d[[by]] %in% level))
  }
}
for (v in c("owns_yes", "often_daily", "often_dk", "work", "traffic", "safe_5", "helmet_blank")) {
  whole(v, v)
  split_by(v, v, "age")
  split_by(v, v, "district")
}
whole("owns_yes unweighted", "owns_yes", plain)
split_by("owns_yes unweighted", "owns_yes", "age", plain)
out <- do.call(rbind, rows)
header <- sprintf("# %s, survey %s, %s; tolerance 1e-8 relative, 1e-12 absolute at zero",
                  R.version.string, packageVersion("survey"), Sys.Date())
con <- file("tests/oracles/estimates.csv", "w")
writeLines(header, con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
