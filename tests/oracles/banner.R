# Reference values for tests/reports/test_banner.py: a banner of the cycling survey by hand.
# Run from the project folder: Rscript tests/oracles/banner.R
# Writes tests/oracles/banner.csv: what, column, other, name of the statistic, value.
suppressMessages(library(survey))
rows <- list()
keep <- function(what, column, other, ...) {
  values <- c(...)
  rows[[length(rows) + 1]] <<- data.frame(what, column, other, statistic = names(values),
    value = sprintf("%.17g", values), row.names = NULL)
}
d <- read.csv("tests/surveys/cycling/responses/residents.csv", colClasses = "character",
              na.strings = character(0))
d$wt <- as.numeric(d$wt)
bands <- c("16-24" = "young", "25-34" = "young", "35-44" = "middle", "45-59" = "middle", "60+" = "older")
d$age <- ifelse(d$age_group == "", NA, bands[d$age_group])
d$lanes <- suppressWarnings(as.numeric(ifelse(d$agree.lanes %in% as.character(1:5), d$agree.lanes, NA)))
d$km <- suppressWarnings(as.numeric(d$distance))
d$km[!(d$owns %in% "yes")] <- NA
d$lanes_top <- as.numeric(d$lanes >= 4)
d$nested <- ifelse(is.na(d$age), NA, paste(d$district, d$age))
d$all <- "total"

banner <- function(design, name) {
  for (what in c("lanes", "lanes_top", "km"))
    for (by in c("all", "age", "nested")) {
      part <- design[which(!is.na(design$variables[[what]]) & !is.na(design$variables[[by]])), ]
      v <- part$variables
      for (group in sort(unique(v[[by]]))) {
        one <- part[which(part$variables[[by]] == group), ]
        m <- svymean(as.formula(paste0("~", what)), one)
        w <- weights(one)
        keep(paste(name, what), group, "", mean = unname(coef(m)), se = unname(SE(m)), n = nrow(one),
          weighted = sum(w), effective = sum(w)^2 / sum(w^2))
      }
      groups <- sort(unique(v[[by]]))
      if (what != "lanes_top" && length(groups) > 1) {
        pairs <- if (by == "age") combn(groups, 2) else combn(groups, 2)[, c(1, 8, 20, 40)]
        for (k in seq_len(ncol(pairs))) {
          two <- part[which(part$variables[[by]] %in% pairs[, k]), ]
          two$variables$first <- as.numeric(two$variables[[by]] == pairs[1, k])
          t <- svyttest(as.formula(paste(what, "~ first")), two)
          keep(paste(name, what), pairs[1, k], pairs[2, k], t = unname(t$statistic),
            df = unname(t$parameter), p = unname(t$p.value))
        }
      }
    }
}
banner(svydesign(ids = ~1, strata = ~district, weights = ~wt, data = d), "weighted")
out <- do.call(rbind, rows)
header <- sprintf("# %s, survey %s, %s; tolerance 1e-8 relative", R.version.string,
                  packageVersion("survey"), Sys.Date())
con <- file("tests/oracles/banner.csv", "w")
writeLines(header, con)
write.csv(out, con, row.names = FALSE)
close(con)
