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
# The same people in comparisons, crosstabs, means and totals of numbers, and models.
d$yes <- ifelse(is.na(d$member), NA, as.numeric(d$member == "yes"))
d$waves <- factor(d$wave)
against <- function(name, design, by, one, two) {
  here <- design$variables[[by]] %in% c(one, two) & !is.na(design$variables$yes)
  part <- design[which(here), ]
  part$variables$first <- as.numeric(part$variables[[by]] == one)
  t <- svyttest(yes ~ first, part)
  m <- svyglm(yes ~ first, part)
  case <- paste(name, one, two)
  add(case, "difference", coef(m)[2]); add(case, "se", SE(m)[2])
  add(case, "t", t$statistic); add(case, "df", t$parameter); add(case, "p", t$p.value)
}
tests <- function(name, design) {
  for (pair in list(c("coast", "hills"), c("coast", "town"), c("hills", "town")))
    against(name, design, "area", pair[1], pair[2])
  for (pair in list(c(2022, 2019), c(2025, 2019), c(2025, 2022)))
    against(name, design, "wave", pair[1], pair[2])
  for (f in list(~member + area, ~member + wave, ~score + wave, ~score + area)) {
    vars <- all.vars(f)
    x <- svychisq(f, design, statistic = "F")
    case <- paste(name, paste(vars, collapse = " by "))
    add(case, "f", x$statistic); add(case, "df1", x$parameter[1]); add(case, "df2", x$parameter[2])
    add(case, "p", x$p.value)
  }
  m <- svymean(~hours, design, na.rm = TRUE); add(paste(name, "hours"), "mean", coef(m))
  add(paste(name, "hours"), "mean se", SE(m))
  s <- svytotal(~hours, design, na.rm = TRUE); add(paste(name, "hours"), "total", coef(s))
  add(paste(name, "hours"), "total se", SE(s))
  s <- svytotal(~yes, design, na.rm = TRUE); add(paste(name, "yes"), "total", coef(s))
  add(paste(name, "yes"), "total se", SE(s))
  for (a in c("coast", "hills", "town")) {
    part <- subset(design, area == a)
    m <- svymean(~hours, part, na.rm = TRUE); add(paste(name, a, "hours"), "mean se", SE(m))
    s <- svytotal(~hours, part, na.rm = TRUE); add(paste(name, a, "hours"), "total se", SE(s))
  }
  for (of in list(list("logistic", yes ~ area + waves, quasibinomial()), list("linear", hours ~ area + waves, gaussian()))) {
    g <- svyglm(of[[2]], design, family = of[[3]])
    for (k in names(coef(g))) {
      case <- paste(name, of[[1]], k)
      add(case, "estimate", coef(g)[k]); add(case, "se", SE(g)[k])
      add(case, "p", summary(g)$coefficients[k, 4])
    }
    add(paste(name, of[[1]]), "df", g$df.residual)
  }
}
tests("equal", svydesign(ids = ~person, weights = ~one, data = d))
tests("weights", svydesign(ids = ~person, strata = ~area, weights = ~wt, data = d, nest = TRUE))
o <- svyolr(factor(score) ~ area + waves, svydesign(ids = ~person, weights = ~wt, data = d))
for (k in names(coef(o))) { add(paste("ordinal", k), "estimate", coef(o)[k]); add(paste("ordinal", k), "se", SE(o)[k]) }
