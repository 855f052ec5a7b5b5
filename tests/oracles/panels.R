# Reference values for tests/estimation/test_panels.py, from R's survey package.
# Run from this folder: Rscript panels.R
# The panel of trends.R, whose people are in several strata: strata named by wave (`named`), or an
# area that a third of the people left after 2019 (`moved`). Everybody is taken to have been sampled
# in the stratum of the first wave answered. panels_panel.csv is the panel with more questions, and
# panels.csv has one row per case.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail")
d <- read.csv("trends_panel.csv", colClasses = "character", na.strings = character(0))
number <- as.integer(substr(d$person, 2, 4))
hours <- suppressWarnings(as.numeric(d$hours))
whole <- floor(ifelse(is.na(hours), 0, hours))
next_area <- c(town = "coast", coast = "hills", hills = "town")
leaves <- number %% 3 == 1 & d$wave != "2019"
d$moved <- ifelse(leaves, next_area[d$area], d$area)
d$named <- paste(d$wave, d$area)
d$score <- ifelse(is.na(hours), "", pmin(whole %/% 4, 4) + 1)
d$ease <- ifelse(as.integer(d$row) %% 11 == 0, "", (as.integer(d$row) * 7 + whole) %% 5 + 1)
d$uses.walk <- as.integer(whole %% 2 == 0)
d$uses.bus <- as.integer(whole %% 3 == 0 | number %% 5 == 0)
d$uses.car <- as.integer(d$member == "yes" & whole %% 4 < 2)
write.csv(d, "panels_panel.csv", row.names = FALSE, quote = FALSE)
d$w <- as.numeric(d$wt)
d$yes <- ifelse(d$member == "", NA, as.numeric(d$member == "yes"))
d$x <- hours
for (v in c("score", "ease")) d[[v]] <- as.numeric(d[[v]])
boxes <- c("uses.walk", "uses.bus", "uses.car")
d$ticks <- rowSums(d[boxes])
d$none <- as.numeric(d$ticks == 0)
first_of <- function(stratum) {
  at <- order(d$person, d$wave)
  first <- tapply(stratum[at], d$person[at], function(s) s[1])
  unname(first[d$person])
}
rows <- list()
keep <- function(case, what, value) {
  rows[[length(rows) + 1]] <<- data.frame(case, what, value = sprintf("%.17g", value))
}
both <- function(case, found) {
  keep(case, "estimate", unname(coef(found)[1]))
  keep(case, "se", unname(SE(found)[1]))
}
pairs_of <- function(kind, design) {
  for (v in c("yes", "score", "x", "uses.walk", "none")) {
    for (pair in list(c("coast", "hills"), c("coast", "town"), c("hills", "town"))) {
      part <- design[design$variables$area %in% pair & !is.na(design$variables[[v]]), ]
      part$variables$one <- as.numeric(part$variables$area == pair[1])
      part$variables$y <- part$variables[[v]]
      t <- svyttest(y ~ one, part)
      case <- paste(kind, v, pair[1], pair[2])
      keep(case, "p", t$p.value)
      if (v != "none") next
      m <- svyglm(y ~ one, part)
      keep(case, "estimate", coef(m)[2]); keep(case, "se", SE(m)[2])
    }
  }
}
index_of <- function(part) {  # mean of two ratios, covariances included
  v <- part$variables
  for (k in c("score", "ease")) {
    v[[paste0("n_", k)]] <- as.numeric(!is.na(v[[k]]))
    v[[paste0("y_", k)]] <- ifelse(is.na(v[[k]]), 0, (v[[k]] - 1) * 25)
  }
  part$variables <- v
  totals <- svytotal(~ y_score + n_score + y_ease + n_ease, part)
  svycontrast(totals, quote((y_score / n_score + y_ease / n_ease) / 2))
}
all_of <- function(kind, design) {
  here <- list(all = rep(TRUE, nrow(d)), coast = d$area == "coast", town = d$area == "town",
               late = d$wave == "2025")
  for (g in names(here)) {
    part <- design[here[[g]], ]
    both(paste(kind, g, "yes"), svymean(~yes, part, na.rm = TRUE))
    both(paste(kind, g, "score"), svymean(~score, part, na.rm = TRUE))
    both(paste(kind, g, "hours"), svymean(~x, part, na.rm = TRUE))
    both(paste(kind, g, "walk"), svymean(~uses.walk, part))
    both(paste(kind, g, "none"), svymean(~none, part))
    both(paste(kind, g, "ticks of walk"), svyratio(~uses.walk, ~ticks, part))
    both(paste(kind, g, "ticks of bus"), svyratio(~uses.bus, ~ticks, part))
    both(paste(kind, g, "index"), index_of(part))
    part$variables$low <- as.numeric(part$variables$member == "yes")
    part$variables$high <- as.numeric(part$variables$member != "no")
    both(paste(kind, g, "lowest"), svymean(~low, part))
    both(paste(kind, g, "highest"), svymean(~high, part))
  }
  for (pair in list(c(2019, 2022), c(2022, 2025))) {
    part <- design[d$wave %in% pair & !is.na(d$yes), ]
    part$variables$later <- as.numeric(part$variables$wave == pair[2])
    m <- svyglm(yes ~ later, part)
    keep(paste(kind, pair[1], pair[2]), "estimate", coef(m)[2])
    keep(paste(kind, pair[1], pair[2]), "se", SE(m)[2])
  }
  m <- svyglm(x ~ area, design)
  keep(paste(kind, "linear model"), "se", SE(m)[2])
  keep(paste(kind, "total"), "se", SE(svytotal(~x, design, na.rm = TRUE)))
  keep(paste(kind, "crosstab"), "f", svychisq(~ yes + area, design)$statistic)
  pairs_of(kind, design)
}
for (kind in c("named", "moved")) {
  d$home <- first_of(d[[kind]])
  refused <- tryCatch(svydesign(ids = ~person, strata = as.formula(paste0("~", kind)),
                                weights = ~w, data = d), error = function(e) "refused")
  stopifnot(identical(refused, "refused"))  # clusters are not nested in strata
  all_of(kind, svydesign(ids = ~person, strata = ~home, weights = ~w, data = d))
}
d$one <- 1
all_of("equal", svydesign(ids = ~person, weights = ~one, data = d))
d$home <- first_of(d$moved)
d$size <- c(coast = 120, hills = 300, town = 95)[d$home]
all_of("sizes", svydesign(ids = ~person, strata = ~home, weights = ~w, fpc = ~size, data = d))
out <- do.call(rbind, rows)
con <- file("panels.csv", "w")
writeLines(sprintf("# %s, survey %s; tolerance 1e-8 relative", R.version.string,
                   packageVersion("survey")), con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
