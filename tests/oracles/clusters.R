# Reference for estimates of several waves together, in which people are clusters of answers:
# `Rscript clusters.R > clusters.csv` in this folder, with survey; trends_panel.csv is the panel of
# trends.R. Shares of members, and means of a score from 1 to 5 made of the hours.
suppressMessages(library(survey))
options(digits = 17)
d <- read.csv("trends_panel.csv", colClasses = c(person = "character"), na.strings = "")
d$score <- pmin(floor(d$hours / 4), 4) + 1
d$one <- 1
cat("# survey", as.character(packageVersion("survey")), R.version.string, "\n")
cat("case,what,value\n")
add <- function(case, what, value) cat(sprintf("%s,%s,%.17g\n", case, what, value))
report <- function(name, design) {
  two <- subset(design, wave != 2025)
  for (v in c("member", "score")) {
    f <- if (v == "member") ~I(member == "yes") else ~score
    at <- if (v == "member") 2 else 1
    for (case in c("all", "two")) {
      found <- svymean(f, if (case == "all") design else two, na.rm = TRUE)
      add(paste(name, case, v), "estimate", coef(found)[at]); add(paste(name, case, v), "se", SE(found)[at])
    }
    for (a in c("coast", "hills", "town")) {
      found <- svymean(f, subset(design, area == a), na.rm = TRUE)
      add(paste(name, a, v), "estimate", coef(found)[at]); add(paste(name, a, v), "se", SE(found)[at])
    }
  }
}
report("equal", svydesign(ids = ~person, weights = ~one, data = d))
report("weights", svydesign(ids = ~person, strata = ~area, weights = ~wt, data = d, nest = TRUE))
