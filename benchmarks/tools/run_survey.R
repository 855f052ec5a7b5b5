# R's survey package: svyby, one call a question.
#
#     Rscript run_survey.R FOLDER TABLE
#
# Its intervals of a share know no Wilson in older versions: it is worked from svyby's own
# estimates and standard errors, which costs nothing.
started <- proc.time()[["elapsed"]]
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
path <- file.path(arguments[1], "people.csv")
imported <- proc.time()[["elapsed"]]

if (requireNamespace("data.table", quietly = TRUE)) {
  people <- data.table::fread(path, na.strings = "", data.table = FALSE, showProgress = FALSE)
} else {
  people <- read.csv(path, na.strings = "")
}
questions <- grep("^q", names(people), value = TRUE)
for (name in c(questions, "type", "size")) people[[name]] <- factor(people[[name]])
sample <- svydesign(ids = ~1, weights = ~weight, data = people)
loaded <- proc.time()[["elapsed"]]

tables <- lapply(questions, function(question) {
  found <- svyby(reformulate(question), ~ type + size, sample, svymean, na.rm = TRUE)
  cat("question\n")
  options <- levels(people[[question]])
  one <- lapply(options, function(option) {
    name <- paste0(question, option)
    p <- found[[name]]
    se <- found[[paste0("se.", name)]]
    z <- qnorm(0.975)
    n <- p * (1 - p) / se^2
    centre <- (p + z^2 / (2 * n)) / (1 + z^2 / n)
    half <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2)) / (1 + z^2 / n)
    data.frame(
      question = question, option = option, type = found$type, size = found$size,
      estimate = p, se = se, ci_low = centre - half, ci_high = centre + half
    )
  })
  do.call(rbind, one)
})
found <- do.call(rbind, tables)
done <- proc.time()[["elapsed"]]
write.csv(found, arguments[2], row.names = FALSE)
cat(sprintf(
  '{"import_s": %f, "load_s": %f, "estimate_s": %f, "versions": {"R": "%s", "survey": "%s"}}\n',
  imported - started, loaded - imported, done - loaded,
  paste(R.version$major, R.version$minor, sep = "."), packageVersion("survey")
))
