# Rscript haven.R   (R 4.2.2, haven 2.5.1) wrote haven.sav and haven.zsav.
library(haven)
n <- 5
d <- data.frame(id=1:n)
d$sex <- labelled(c(1,2,2,1,2), c(Male=1,Female=2), label="Sex")
d$q1 <- labelled_spss(c(1,2,8,97,NA), c("Very dissatisfied"=1,"Satisfied"=2,"Don't know"=8,Refused=97), na_values=c(8,97), label="How satisfied are you?")
d$age <- labelled_spss(c(34,51,29,999,43), NULL, na_range=c(900,Inf), label="Age in years")
d$town <- labelled(c("L","Y","H","L","Y"), c(Leeds="L",York="Y",Hull="H"), label="Town")
d$seen <- as.Date("2026-03-01")+0:4
d$said <- c(strrep("a",400),"Zoë","","x y","z")
write_sav(d,"haven.sav",compress="byte"); write_sav(d,"haven.zsav",compress="zsav")
