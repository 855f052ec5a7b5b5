# R's survey package: the banner by hand, svyby for each question and characteristic, without tests.
#
#     Rscript run_banner.R FOLDER TABLE
started <- proc.time()[["elapsed"]]
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(trailingOnly = TRUE)
path <- file.path(arguments[1], "people.csv")
imported <- proc.time()[["elapsed"]]
people <- read.csv(path, na.strings = "")
questions <- grep("^q", names(people), value = TRUE)
people$Total <- "Total"
people$both <- paste(people$type, people$size, sep = " \u00d7 ")
likert <- questions[sapply(questions, function(q) is.numeric(people[[q]]))]
for (q in likert) people[[paste0("mean_", q)]] <- people[[q]]
for (q in c(questions, "type", "size", "both", "Total")) people[[q]] <- factor(people[[q]])
sample <- svydesign(ids = ~1, weights = ~weight, data = people)
loaded <- proc.time()[["elapsed"]]
used <- sum(proc.time()[1:2])
one <- function(question, name, by, options) {
  found <- svyby(reformulate(name), reformulate(by), sample, svymean, na.rm = TRUE)
  do.call(rbind, lapply(options, function(option) {
    column <- if (option == "mean") name else paste0(name, option)
    error <- if (option == "mean") "se" else paste0("se.", column)
    data.frame(question = question, option = option, column = found[[by]],
      estimate = found[[column]], se = found[[error]])
  }))
}
tables <- lapply(questions, function(question) {
  made <- lapply(c("Total", "type", "size", "both"), function(by) {
    shares <- one(question, question, by, levels(people[[question]]))
    if (question %in% likert)
      shares <- rbind(shares, one(question, paste0("mean_", question), by, "mean"))
    shares
  })
  cat("question\n")
  do.call(rbind, made)
})
found <- do.call(rbind, tables)
done <- proc.time()[["elapsed"]]
spent <- sum(proc.time()[1:2]) - used
write.csv(found, arguments[2], row.names = FALSE)
cat(sprintf(
  paste0('{"import_s": %f, "load_s": %f, "estimate_s": %f, "estimate_cpu_s": %f, ',
         '"versions": {"R": "%s", "survey": "%s"}}\n'),
  imported - started, loaded - imported, done - loaded, spent,
  paste(R.version$major, R.version$minor, sep = "."), packageVersion("survey")
))
