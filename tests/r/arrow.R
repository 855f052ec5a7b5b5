# What R's arrow package (`write_parquet`, `write_feather`) keeps beside a table under the key `r`: a
# list of attributes, serialized as text; packed if it is long. Made by R alone, without arrow.
# Run in this folder: Rscript arrow.R   (R 4.2.2, haven 2.5.1 of Debian 12)
labelled <- list(
  agree = haven::labelled(c(1, 2, 9), c(Yes = 1, No = 2, "Refuse, \"no\"" = 9), "Do you agree?\nTell us"),
  trust = haven::labelled_spss(c(3, 2, 1, 8), c(Little = 1, Some = 2, Much = 3, "No reply" = 8),
                               na_values = 8, label = "Vertrauen für uns?"),
  town = haven::labelled(c("a", "b"), c(Aarau = "a", "Zürich" = "b"), "Town"),
  age = structure(c(20.5, NA), label = "Age in years")
)
columns <- lapply(labelled, function(x) {
  kept <- attributes(x)
  if (haven::is.labelled(x)) kept$class <- class(x)
  list(attributes = kept, columns = NULL)
})
columns["id"] <- list(NULL)
kept <- list(attributes = list(class = c("tbl_df", "tbl", "data.frame")), columns = columns)
text <- serialize(kept, NULL, ascii = TRUE)
writeBin(text, "arrow.txt")
writeBin(serialize(memCompress(text, type = "gzip"), NULL, ascii = TRUE), "arrow_packed.txt")
