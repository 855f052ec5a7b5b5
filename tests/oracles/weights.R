# Reference values for tests/test_weights.py, from R's survey package.
# Run from the project folder: Rscript tests/oracles/weights.R
# Cases: rake, postStratify and trimWeights (iterative proportional fitting), and raking held within bounds by calibrate() with
# the calibration function min(max(exp(u), low), high), bounds on the weights themselves where
# the weights to start from are equal. tests/oracles/weights.csv: one row per respondent and case.
suppressMessages(library(survey))
d <- read.csv("tests/surveys/cycling/responses/residents.csv", colClasses = "character",
              na.strings = character(0))
d$wt <- as.numeric(d$wt)
d$one <- 1
bands <- c("16-24" = "young", "25-34" = "young", "35-44" = "middle", "45-59" = "middle", "60+" = "older")
d$age <- ifelse(d$age_group == "", "not_stated", bands[d$age_group])
ages <- data.frame(age = c("young", "middle", "older", "not_stated"), Freq = c(300, 500, 190, 10))
places <- data.frame(district = c("north", "centre", "south", "island"), Freq = c(300, 240, 410, 50))
how <- list(maxit = 1000, epsilon = 1e-13, verbose = FALSE)
rows <- list()
keep <- function(case, w) {
  rows[[length(rows) + 1]] <<- data.frame(case, ref = d$ref, weight = sprintf("%.15g", w))
}
weighted <- svydesign(ids = ~1, weights = ~wt, data = d)
equal <- svydesign(ids = ~1, weights = ~one, data = d)
keep("weighted", weights(rake(weighted, list(~age, ~district), list(ages, places), how)))
keep("equal", weights(rake(equal, list(~age, ~district), list(ages, places), how)))
cells <- as.data.frame(svytable(~ age + owns, weighted))
cells <- cells[cells$Freq > 0, ]
cells$Freq <- round(cells$Freq * 1000 / sum(cells$Freq)) + 1
places2 <- transform(places, Freq = Freq * sum(cells$Freq) / 1000)
keep("joint margin", weights(rake(weighted, list(~ age + owns, ~district), list(cells, places2), how)))
keep("post-stratified", weights(postStratify(weighted, ~ age + owns, cells)))
free <- rake(weighted, list(~age, ~district), list(ages, places), how)
mean_weight <- mean(weights(free))
keep("trimmed", weights(trimWeights(free, upper = 1.3 * mean_weight, lower = 0.6 * mean_weight)))
keep("trimmed strictly", weights(trimWeights(free, upper = 1.3 * mean_weight, lower = 0.6 * mean_weight, strict = TRUE)))
keep("raised", weights(trimWeights(free, upper = 2 * mean_weight, lower = 0.9 * mean_weight)))
keep("raised strictly", weights(trimWeights(free, upper = 2 * mean_weight, lower = 0.9 * mean_weight, strict = TRUE)))
bounded <- make.calfun(
  Fm1 = function(u, bounds) pmin(pmax(exp(u), bounds[[1]]), bounds[[2]]) - 1,
  dF = function(u, bounds) ifelse(exp(u) > bounds[[1]] & exp(u) < bounds[[2]], exp(u), 0),
  name = "bounded raking")
start <- svydesign(ids = ~1, weights = rep(1000 / nrow(d), nrow(d)), data = d)
X <- model.matrix(~ 0 + age + district, d)
wanted <- c(setNames(ages$Freq, paste0("age", ages$age)),
            setNames(places$Freq, paste0("district", places$district)))[colnames(X)]
held <- calibrate(start, ~ 0 + age + district, wanted, calfun = bounded,
                  bounds = list(0.65, 1.35), epsilon = 1e-12, maxit = 500)
keep("bounded", weights(held))
out <- do.call(rbind, rows)
header <- sprintf("# %s, survey %s, %s; tolerance 1e-6 relative", R.version.string,
                  packageVersion("survey"), Sys.Date())
con <- file("tests/oracles/weights.csv", "w")
writeLines(header, con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
con <- file("tests/oracles/weights_cells.csv", "w")  # the joint margin of the third case
writeLines(header, con)
write.csv(cells, con, row.names = FALSE, quote = FALSE)
close(con)
