# Net of a recommendation question under weights and strata: the mean of a score of 1, 0 or -1.
# Rscript tests/oracles/recommend.R > tests/oracles/recommend.csv
library(survey)
i <- 1:120
d <- data.frame(
  score = (7 * i + 3 * (i %% 5)) %% 11,
  wt = 1 + (i %% 4) / 2,
  district = ifelse(i %% 3 == 0, "north", "south")
)
d$net <- ifelse(d$score >= 9, 1, ifelse(d$score <= 6, -1, 0))
designs <- list(
  equal = svydesign(~1, data = d, weights = ~1),
  weights = svydesign(~1, data = d, weights = ~wt),
  strata = svydesign(~1, data = d, weights = ~wt, strata = ~district)
)
cat("design,estimate,se,low,high\n")
for (name in names(designs)) {
  found <- svymean(~net, designs[[name]])
  ends <- confint(found, df = degf(designs[[name]]))
  cat(sprintf("%s,%.12f,%.12f,%.12f,%.12f\n", name, coef(found), SE(found), ends[1], ends[2]))
}
