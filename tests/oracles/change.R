# Reference values for tests/test_change.py, from R's stats and survey packages.
# Run from the project folder: Rscript tests/oracles/change.R
# It writes tests/oracles/change.csv: one row per case and quantity. Answers of the "panel" come
# from a formula that the test repeats; the cycling survey is read from its file.
suppressMessages(library(survey))
rows <- list()
keep <- function(case, ...) for (pair in list(list(...))) for (name in names(pair))
  rows[[length(rows) + 1]] <<- data.frame(case, name, value = sprintf("%.17g", as.numeric(pair[[name]])))

# Wilson's interval from prop.test, then Newcombe (1998) method 10 in his letters: e both, f the
# last time only, g the first time only, h neither.
newcombe <- function(e, f, g, h) {
  n <- e + f + g + h
  one <- suppressWarnings(prop.test(e + f, n, correct = FALSE)$conf.int)
  two <- suppressWarnings(prop.test(e + g, n, correct = FALSE)$conf.int)
  p1 <- (e + f) / n; p2 <- (e + g) / n
  top <- e * h - f * g
  if (top > 0) top <- max(top - n / 2, 0)
  bottom <- sqrt(e + f) * sqrt(g + h) * sqrt(e + g) * sqrt(f + h)
  phi <- if (bottom == 0) 0 else top / bottom
  low <- (f - g) / n - sqrt((p1 - one[1])^2 - 2 * phi * (p1 - one[1]) * (two[2] - p2) + (two[2] - p2)^2)
  high <- (f - g) / n + sqrt((one[2] - p1)^2 - 2 * phi * (one[2] - p1) * (p2 - two[1]) + (p2 - two[1])^2)
  c(low, high)
}

# --- two options: kept, gained, lost, never
fourfold <- list(c(20, 12, 2, 16), c(8, 5, 4, 5), c(59, 16, 6, 80), c(40, 30, 12, 18), c(9, 15, 15, 11),
                 c(0, 24, 1, 3), c(5, 12, 12, 5), c(300, 90, 41, 500), c(1, 0, 1, 0))
for (x in fourfold) {
  m <- matrix(c(x[1], x[2], x[3], x[4]), 2)
  ci <- newcombe(x[1], x[2], x[3], x[4])
  keep(paste0("fourfold ", paste(x, collapse = " ")),
       exact = binom.test(x[2], x[2] + x[3])$p.value,
       corrected = mcnemar.test(m, correct = TRUE)$statistic,
       corrected_p = mcnemar.test(m, correct = TRUE)$p.value,
       plain = mcnemar.test(m, correct = FALSE)$statistic,
       plain_p = mcnemar.test(m, correct = FALSE)$p.value,
       low = ci[1], high = ci[2])
}

# --- k options: Stuart-Maxwell from its definition, Bowker from mcnemar.test
stuart <- function(m) {
  k <- nrow(m)
  d <- (rowSums(m) - colSums(m))[-k]
  v <- -(m + t(m))
  diag(v) <- rowSums(m) + colSums(m) - 2 * diag(m)
  c(t(d) %*% solve(v[-k, -k]) %*% d, k - 1)
}
squares <- list(full3 = matrix(c(20, 10, 5, 3, 30, 15, 0, 5, 40), 3, byrow = TRUE),
                full4 = matrix(c(1520, 266, 124, 66, 234, 1512, 432, 78, 117, 362, 1772, 205,
                                 36, 82, 179, 492), 4, byrow = TRUE), # Stuart (1953): vision
                small = matrix(c(2, 3, 1, 0, 4, 5, 1, 1, 0), 3, byrow = TRUE))
for (name in names(squares)) {
  s <- stuart(squares[[name]])
  b <- mcnemar.test(squares[[name]])
  keep(paste("square", name), stuart = s[1], stuart_df = s[2], stuart_p = pchisq(s[1], s[2], lower.tail = FALSE),
       bowker = b$statistic, bowker_df = b$parameter, bowker_p = b$p.value)
}
# an option nobody moved to or from counts for nothing; separate groups of options add up
three <- stuart(squares$full3); two <- stuart(matrix(c(9, 4, 11, 7), 2))
b3 <- mcnemar.test(squares$full3)
b2 <- mcnemar.test(matrix(c(9, 4, 11, 7), 2), correct = FALSE)
s <- three + two; b <- c(b3$statistic + b2$statistic, b3$parameter + b2$parameter)
keep("square idle", stuart = three[1], stuart_df = three[2],
     stuart_p = pchisq(three[1], three[2], lower.tail = FALSE),
     bowker = b3$statistic, bowker_df = b3$parameter, bowker_p = b3$p.value)
keep("square apart", stuart = s[1], stuart_df = s[2], stuart_p = pchisq(s[1], s[2], lower.tail = FALSE),
     bowker = b[1], bowker_df = b[2], bowker_p = pchisq(b[1], b[2], lower.tail = FALSE))

# --- signed rank: differences of a scale; exact given the ties by listing every choice of signs
enumerated <- function(d) {
  d <- d[d != 0]; r <- rank(abs(d)); v <- sum(r[d > 0])
  all <- as.matrix(expand.grid(rep(list(0:1), length(d)))) %*% r
  c(v, min(1, 2 * min(mean(all <= v + 1e-9), mean(all >= v - 1e-9))))
}
small <- list(ties = c(1, 1, 2, -1, 3, 1, 2, 0, 0, -2, 1, 1), onestep = c(1, 1, 1, -1, 1, 0, 1, 1),
              even = c(1, -1, 2, -2, 0))
for (name in names(small)) {
  x <- enumerated(small[[name]])
  keep(paste("ranks", name), statistic = x[1], p = x[2])
}
untied <- c(1, -2, 3, 4, -5, 6, 7, 8, 9, 10)
w <- wilcox.test(untied, exact = TRUE)
keep("ranks untied", statistic = w$statistic, p = w$p.value)

# --- the panel
N <- 150
i <- seq_len(N)
u <- function(a, b) ((i * i * a + i * b) %% 1009) / 1009
two <- function(then, flip) ifelse(flip, 1 - then, then)
use <- list(a = two((u(7, 3) < 0.4) + 0, u(11, 5) < 0.1), b = two((u(13, 8) < 0.3) + 0, u(17, 2) < 0.5),
            c = (u(19, 4) < 0.5) + 0)
then <- list(a = (u(7, 3) < 0.4) + 0, b = (u(13, 8) < 0.3) + 0, c = (u(19, 4) < 0.5) + 0)
later <- list(a = two(use$a, u(23, 6) < 0.2), b = two(use$b, u(29, 9) < 0.2), c = two(use$c, u(31, 7) < 0.3))
blank <- function(x, gone) ifelse(gone, NA, x)
for (k in c("a", "b", "c")) {
  then[[k]] <- blank(then[[k]], u(37, 1) < 0.08)
  use[[k]] <- blank(use[[k]], u(41, 12) < 0.06)
}
mind1 <- 1 + floor(5 * u(43, 10))
mind2 <- pmin(5, pmax(1, mind1 + floor(4 * u(47, 14)) - 1))
mind1[u(53, 15) < 0.1] <- NA
mind2[u(59, 16) < 0.1] <- NA # "don't know" or blank
way1 <- floor(3 * u(61, 18)); way2 <- floor(3 * u(67, 20))
way1[u(71, 21) < 0.3] <- NA # not asked
side <- ifelse(i %% 2 == 0, "even", "odd")

for (k in c("a", "b")) for (g in c("all", "even", "odd")) {
  s <- g == "all" | side == g
  x <- then[[k]][s]; y <- use[[k]][s]
  t4 <- table(factor(x, 0:1), factor(y, 0:1))
  few <- t4[1, 2] + t4[2, 1] < 25
  test <- if (few) binom.test(t4[1, 2], t4[1, 2] + t4[2, 1]) else mcnemar.test(t4)
  ci <- newcombe(t4[2, 2], t4[1, 2], t4[2, 1], t4[1, 1])
  design <- svydesign(~1, weights = ~1, data = data.frame(d = (use[[k]] - then[[k]])))
  m <- svymean(~d, subset(design, s & !is.na(d)), deff = "replace")
  keep(paste("panel", k, g), up = t4[1, 2], down = t4[2, 1], kept = t4[2, 2], never = t4[1, 1],
       one = sum(is.na(x) != is.na(y)), neither = sum(is.na(x) & is.na(y)), p = test$p.value, low = ci[1], high = ci[2],
       estimate = coef(m), se = SE(m), deff = deff(m))
}
for (g in c("all", "even", "odd")) {
  s <- g == "all" | side == g
  d <- (mind2 - mind1)[s & !is.na(mind1) & !is.na(mind2)]
  w <- suppressWarnings(wilcox.test(d, exact = FALSE, correct = TRUE))
  design <- svydesign(~1, weights = ~1, data = data.frame(d = mind2 - mind1))
  part <- subset(design, s & !is.na(d))
  m <- svymean(~d, part, deff = "replace"); ci <- confint(m, df = degf(part))
  m5 <- table(factor(mind1[s], 1:5), factor(mind2[s], 1:5))
  st <- stuart(m5)
  keep(paste("panel mind", g), up = sum(d > 0), same = sum(d == 0), down = sum(d < 0), statistic = w$statistic,
       p = w$p.value, estimate = coef(m), se = SE(m), deff = deff(m), df = degf(part), low = ci[1], high = ci[2],
       stuart = st[1], stuart_p = pchisq(st[1], 4, lower.tail = FALSE))
}
m3 <- table(factor(way1, 0:2), factor(way2, 0:2)); st <- stuart(m3); b <- mcnemar.test(m3)
keep("panel way", stuart = st[1], stuart_df = st[2], stuart_p = pchisq(st[1], st[2], lower.tail = FALSE),
     bowker = b$statistic, bowker_df = b$parameter, bowker_p = b$p.value, n = sum(m3))
each <- sapply(0:2, function(o) mcnemar.test(table(way1 == o, way2 == o))$p.value)
keep("panel way p", none = each[1], some = each[2], all = each[3])
adjusted <- p.adjust(each, "BH")
keep("panel way adjusted", none = adjusted[1], some = adjusted[2], all = adjusted[3])
for (k in c("a", "b", "c")) {
  x <- na.omit(cbind(then[[k]], use[[k]], later[[k]]))
  means <- colSums(x); r <- rowSums(x)
  q <- 3 * 2 * sum((means - mean(means))^2) / sum(r * (3 - r)) # Cochran (1950)
  keep(paste("cochran", k), n = nrow(x), statistic = q, p = pchisq(q, 2, lower.tail = FALSE))
}

# --- weights and strata: the cycling survey
d <- read.csv("tests/surveys/cycling/responses/residents.csv", colClasses = "character", na.strings = character(0))
d$wt <- as.numeric(d$wt)
bands <- c("16-24" = "young", "25-34" = "young", "35-44" = "middle", "45-59" = "middle", "60+" = "older")
d$age <- ifelse(d$age_group == "", "not_stated", bands[d$age_group])
point <- function(x) ifelse(x %in% as.character(1:5), suppressWarnings(as.numeric(x)), NA)
d$views <- point(d$agree.safe) - point(d$agree.lanes)
d$agree <- (point(d$agree.safe) >= 4) - (point(d$agree.lanes) >= 4)
named <- function(x) ifelse(x %in% c("x", "o"), as.numeric(x == "x"), NA)
d$barriers <- named(d$barriers.weather) - named(d$barriers.hills)
design <- svydesign(ids = ~1, strata = ~district, weights = ~wt, data = d)
for (v in c("views", "agree", "barriers")) for (g in c("all", "young", "middle", "older")) {
  part <- design[which((g == "all" | d$age == g) & !is.na(d[[v]])), ]
  m <- svymean(as.formula(paste0("~", v)), part, deff = "replace")
  ci <- confint(m, df = degf(part)); t <- coef(m) / SE(m)
  keep(paste(v, g), n = nrow(part), estimate = coef(m), se = SE(m), deff = deff(m), df = degf(part),
       low = ci[1], high = ci[2], statistic = t, p = 2 * pt(-abs(t), degf(part)))
}
d$size <- c(north = 900, centre = 400, south = 700, island = 60)[d$district]
design <- svydesign(ids = ~1, strata = ~district, weights = ~wt, fpc = ~size, data = d)
for (v in c("views", "agree", "barriers")) {
  part <- design[which(!is.na(d[[v]])), ]
  m <- svymean(as.formula(paste0("~", v)), part); ci <- confint(m, level = 0.9, df = degf(part))
  keep(paste(v, "sizes"), estimate = coef(m), se = SE(m), low = ci[1], high = ci[2])
}
out <- do.call(rbind, rows)
con <- file("tests/oracles/change.csv", "w")
writeLines(sprintf("# %s, survey %s, %s; tolerance 1e-8 relative, 1e-12 absolute at zero",
                   R.version.string, packageVersion("survey"), Sys.Date()), con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
