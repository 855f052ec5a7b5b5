# Reference values for tests/test_means.py and tests/test_intervals.py, from R's survey package.
# Run from the project folder: Rscript tests/oracles/estimates2.R
# It reads the raw answers of tests/surveys/cycling itself, and writes survey's own apistrat data
# (200 Californian schools, stratified by type) to tests/oracles/api.csv, so that tests need no R.
# tests/oracles/estimates2.csv: one row per estimate. deff is against sampling with replacement.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail")
rows <- list()
f <- function(x) { x <- as.numeric(x); ifelse(is.na(x), "", sprintf("%.17g", x)) }
keep <- function(data, call, question, item = "", option = "", by = "", group = "", level = 0.95,
                 est, se = NA, low = NA, high = NA, deff = NA, n = NA, df = NA) {
  rows[[length(rows) + 1]] <<- data.frame(data, call, question, item, option, by, group, level,
    estimate = f(est), se = f(se), low = f(low), high = f(high), deff = f(deff), n = f(n), df = f(df))
}
part <- function(design, v, inside) {
  design <- update(design, v = v, inside = inside & !is.na(v))
  subset(design, inside)
}
# Mean of v in a domain, with Student's interval on the domain's degrees of freedom.
mean_of <- function(data, call, design, v, inside, ...) {
  s <- part(design, v, inside)
  m <- svymean(~v, s, deff = "replace")
  ci <- confint(m, df = degf(s))
  keep(data, call, ..., est = coef(m), se = SE(m), low = ci[1], high = ci[2], deff = deff(m),
       n = nrow(s$variables), df = degf(s))
}
share_of <- function(data, design, v, inside, level = 0.95, ...) {
  s <- part(design, v, inside)
  for (method in c("logit", "xlogit", "beta")) {
    if (method == "logit" && nrow(s$variables) < 3) next  # the model has no residual
    p <- svyciprop(~v, s, method = method, level = level)
    ci <- confint(p)
    keep(data, method, ..., level = level, est = coef(p), se = sqrt(attr(p, "var")), low = ci[1],
         high = ci[2], n = nrow(s$variables), df = degf(s))
  }
}
total_of <- function(data, call, design, v, inside, ..., base = sum(inside & !is.na(v))) {
  design <- update(design, v = ifelse(inside & !is.na(v), v, 0))
  t <- svytotal(~v, design, deff = "replace")
  ci <- confint(t, df = degf(design))
  keep(data, call, ..., est = coef(t), se = SE(t), low = ci[1], high = ci[2], deff = deff(t),
       n = base, df = degf(design))
}

# ---- cycling --------------------------------------------------------------------------------
d <- read.csv("tests/surveys/cycling/responses/residents.csv", colClasses = "character",
              na.strings = character(0))
d$wt <- as.numeric(d$wt)
bands <- c("16-24" = "young", "25-34" = "young", "35-44" = "middle", "45-59" = "middle", "60+" = "older")
d$age <- ifelse(d$age_group == "", "not_stated", bands[d$age_group])
sizes <- c(north = 900, centre = 120, south = 2500, island = 14)  # island: everybody
d$N <- sizes[d$district]
design <- svydesign(ids = ~1, strata = ~district, weights = ~wt, data = d)
finite <- svydesign(ids = ~1, strata = ~district, weights = ~wt, fpc = ~N, data = d)
score <- function(x) ifelse(x %in% as.character(1:5), as.numeric(x), NA)
km <- suppressWarnings(as.numeric(d$distance))
owns <- ifelse(d$owns %in% c("yes", "no"), as.numeric(d$owns == "yes"), NA)
all <- rep(TRUE, nrow(d))
groups <- rbind(data.frame(by = "", group = ""),
                data.frame(by = "age", group = c("young", "middle", "older", "not_stated")),
                data.frame(by = "district", group = c("north", "centre", "south", "island")))
boxes <- c("hills", "traffic", "weather", "theft")
ticks <- sapply(boxes, function(b) as.numeric(d[[paste0("barriers.", b)]] == "x"))
routed <- d$owns == "yes" & d$often %in% c("daily", "weekly")
uses <- c("work", "shops", "fun")
used <- sapply(uses, function(b) as.numeric(d[[paste0("purposes.", b)]] == "1")) * routed
mentions_of <- function(data, of, question, items, m, inside, ...) {
  v <- update(of, inside = inside, total = rowSums(m))
  for (j in seq_along(items)) {
    v <- update(v, tick = m[, j])
    r <- svyratio(~tick, ~total, subset(v, inside))
    keep(data, "mentions", question, items[j], ..., est = coef(r), se = SE(r),
         n = sum(inside & rowSums(m) > 0))
  }
}
for (data in c("cycling", "cycling fpc")) {
  of <- if (data == "cycling") design else finite
  for (i in seq_len(nrow(groups))) {
    by <- groups$by[i]; g <- groups$group[i]
    inside <- if (by == "") all else d[[by]] == g
    if (g == "island" && data == "cycling fpc") next  # sampled whole: deff and logit are 0 / 0
    for (item in c("lanes", "safe")) {
      v <- score(d[[paste0("agree.", item)]])
      mean_of(data, "mean", of, v, inside, "agree", item, by = by, group = g)
      mean_of(data, "net", of, sign(v - 3), inside, "agree", item, by = by, group = g)
      mean_of(data, "top 2", of, as.numeric(v >= 4), inside, "agree", item, by = by, group = g)
    }
    mean_of(data, "mean", of, km, inside, "distance", by = by, group = g)
    total_of(data, "total", of, km, inside, "distance", by = by, group = g)
    total_of(data, "total", of, owns, inside, "owns", option = "yes", by = by, group = g)
    mentions_of(data, of, "barriers", boxes, ticks, inside, by = by, group = g)
    mentions_of(data, of, "purposes", uses, used, inside, by = by, group = g)
    for (level in c(0.95, 0.9))
      share_of(data, of, owns, inside, level, "owns", option = "yes", by = by, group = g)
  }
}

# ---- apistrat -------------------------------------------------------------------------------
data(api)
a <- apistrat[, c("snum", "stype", "cname", "awards", "comp.imp", "api00", "enroll", "acs.k3", "pw", "fpc")]
a$size <- ifelse(a$enroll < 400, "small", ifelse(a$enroll < 900, "middle", "large"))
a$points <- pmin(5, pmax(1, floor(a$api00 / 100) - 3))  # 1 to 5: no school has fewer than 400
often <- table(a$cname)
alone <- names(often)[often == 1][1]  # a county with a single school in the sample
a$county <- ifelse(a$cname == "Los Angeles", "LA", ifelse(a$cname == alone, "One", "Other"))
a$lonely <- as.numeric(a$stype != "H" | seq_len(nrow(a)) == which(a$stype == "H")[1])
names(a) <- gsub(".", "_", names(a), fixed = TRUE)
write.csv(a[, c("snum", "stype", "size", "county", "awards", "comp_imp", "points", "api00", "enroll",
                "acs_k3", "pw", "fpc", "lonely")], "tests/oracles/api.csv", row.names = FALSE,
          quote = FALSE, na = "")
run <- function(data, of, a) {
  everybody <- rep(TRUE, nrow(a))
  groups <- rbind(data.frame(by = "", group = ""),
                  data.frame(by = "size", group = c("small", "middle", "large")),
                  data.frame(by = "stype", group = c("E", "M", "H")),
                  data.frame(by = "county", group = unique(a$county)))
  yes <- function(x) as.numeric(x == "Yes")
  for (i in seq_len(nrow(groups))) {
    by <- groups$by[i]; g <- groups$group[i]
    inside <- if (by == "") everybody else a[[by]] == g
    one <- sum(inside) == 1 || g == "H" && data == "api lonely"
    for (v in c("api00", "enroll", "acs_k3")) {
      if (sum(inside & !is.na(a[[v]])) > 1) mean_of(data, "mean", of, a[[v]], inside, v, by = by, group = g)
      if (any(inside & !is.na(a[[v]]))) total_of(data, "total", of, a[[v]], inside, v, by = by, group = g)
    }
    if (!one) mean_of(data, "mean", of, a$points, inside, "points", by = by, group = g)
    for (v in c("awards", "comp_imp")) {
      total_of(data, "total", of, yes(a[[v]]), inside, v, option = "Yes", by = by, group = g)
      p <- mean(yes(a[[v]])[inside])
      if (p > 0 && p < 1) share_of(data, of, yes(a[[v]]), inside, 0.95, v, option = "Yes", by = by, group = g)
    }
  }
}
run("api", svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = a), a)
run("api fpc", svydesign(ids = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = a), a)
options(survey.lonely.psu = "adjust")
b <- a[a$lonely == 1, ]
run("api lonely", svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = b), b)

out <- do.call(rbind, rows)
header <- sprintf("# %s, survey %s, %s; tolerance 1e-8 relative, 1e-12 absolute at zero; logit (a fitted model) 1e-6",
                  R.version.string, packageVersion("survey"), Sys.Date())
con <- file("tests/oracles/estimates2.csv", "w")
writeLines(header, con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
