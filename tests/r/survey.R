# The files of R that tests/importing/test_more_files.py reads, and what R counts in them.
# Run in this folder: Rscript survey.R   (R 4.2.2, haven 2.5.1 of Debian 12)
n <- 40
survey <- data.frame(
  id = 101:140,
  often = factor(rep(c("Now and then", "Every day", NA, "On holidays"), 10),
                 levels = c("Every day", "Now and then", "On holidays", "In my dreams")),
  size = factor(rep(c("Dwarf", "Giant"), 20), levels = c("Giant", "Human", "Dwarf"), ordered = TRUE),
  town = factor(rep(c("Zürich", "Aarau", "Bern", "Aarau"), 10)),
  owns = rep(c(TRUE, FALSE, NA, TRUE), 10),
  day = as.Date("2026-01-01") + rep(0:3, 10),
  sent = as.POSIXct("2026-06-01 09:30:00", tz = "Europe/London") + 3600 * rep(0:3, 10),
  age = c(20.5, NA, 31:68),
  why = paste("because of", 1:n),
  stringsAsFactors = FALSE
)
survey$agree <- haven::labelled(rep(c(1, 2, 9, NA), 10), c(Yes = 1, No = 2, Refused = 9), "Do you agree?")
survey$trust <- haven::labelled_spss(rep(c(3, 2, 1, 8), 10), c(Little = 1, Some = 2, Much = 3, "No reply" = 8),
                                     na_values = 8, label = "How much do you trust us?")
survey$left <- haven::labelled(rep(c(1, haven::tagged_na("a"), 2, haven::tagged_na("b")), 10),
                               c(Stayed = 1, Left = 2, Refused = haven::tagged_na("a")), "Did you leave?")
survey$list <- I(as.list(1:n))
survey$grid <- matrix(1:(2 * n), n)

told <- c("often", "size", "town", "owns", "day", "sent", "agree", "trust", "left")
words <- function(x) if (haven::is.labelled(x)) as.character(haven::as_factor(x, "labels")) else as.character(x)
rows <- do.call(rbind, lapply(told, function(name) {
  counts <- table(words(survey[[name]]))
  data.frame(column = name, value = names(counts), n = as.integer(counts))
}))
rows <- rbind(rows, data.frame(column = "age", value = "sum", n = sum(survey$age, na.rm = TRUE)))
write.csv(rows, "counts.csv", row.names = FALSE, quote = FALSE)

saveRDS(survey, "survey.rds")
saveRDS(survey, "survey2.rds", version = 2, compress = "xz")
saveRDS(survey, "plain.rds", compress = FALSE)
saveRDS(as.list(1:3), "list.rds")
saveRDS(survey, "text.rds", ascii = TRUE)
few <- data.frame(a = 1:2)
plus <- function(x) x + 1
for (i in 1:3) plus(i) # compiled by now
save(few, plus, survey, file = "survey.RData")
half <- survey[c("id", "often", "agree")]
other <- half[2:40, ]
save(half, other, file = "two.RData", compress = "bzip2")
