# Reference values for tests/estimation/test_findings.py.
# Run from the project folder: Rscript tests/oracles/findings.R
# It writes tests/oracles/findings.csv: case, name, statistic, value. Base and stats alone.
rows <- list()
keep <- function(case, name, ...) {
  values <- c(...)
  rows[[length(rows) + 1]] <<- data.frame(case, name, statistic = names(values),
    value = sprintf("%.17g", values), row.names = NULL)
}

# Newcombe's interval from the Wilson intervals of prop.test.
wilson <- function(x, n, chance)
  as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = 1 - chance))$conf.int)
newcombe <- function(v, chance) {
  a <- wilson(v[1], v[2], chance); b <- wilson(v[3], v[4], chance)
  p <- v[1] / v[2]; q <- v[3] / v[4]
  c(p - q - sqrt((p - a[1])^2 + (b[2] - q)^2), p - q + sqrt((a[2] - p)^2 + (q - b[1])^2))
}
# Chance at which an interval just reaches 0.
touches <- function(interval, sign) {
  near <- function(l) { ends <- interval(exp(l)); if (sign > 0) ends[1] else -ends[2] }
  exp(uniroot(near, c(log(1e-12), log(1 - 1e-9)), tol = 1e-14)$root)
}
own_test <- function(v) {
  counts <- matrix(c(v[1], v[2] - v[1], v[3], v[4] - v[3]), 2)
  chi <- suppressWarnings(chisq.test(counts, correct = FALSE))
  if (min(chi$expected) < 5) fisher.test(counts)$p.value else chi$p.value
}

# Tango's score interval; the nuisance share is found by maximising the likelihood.
score <- function(d, up, down, n) {
  same <- n - up - down
  likelihood <- function(q) {
    part <- function(k, p) if (k == 0) 0 else k * log(max(p, 1e-300))
    part(up, q + d) + part(down, q) + part(same, 1 - 2 * q - d)
  }
  q <- optimize(likelihood, c(max(0, -d), (1 - d) / 2), maximum = TRUE, tol = 1e-13)$maximum
  (up - down - n * d) / sqrt(n * (2 * q + d * (1 - d)))
}
tango <- function(up, down, n, chance) {
  z <- qnorm(1 - chance / 2); at <- (up - down) / n
  c(uniroot(function(d) score(d, up, down, n) - z, c(-1 + 1e-7, at), tol = 1e-12)$root,
    uniroot(function(d) score(d, up, down, n) + z, c(at, 1 - 1e-7), tol = 1e-12)$root)
}
for (v in list(c(9, 3, 40), c(0, 5, 31), c(12, 2, 44), c(25, 0, 55), c(1, 1, 20), c(140, 90, 1000)))
  for (chance in c(0.05, 0.002)) {
    ends <- tango(v[1], v[2], v[3], chance)
    keep("tango", paste(c(v, chance), collapse = " "), low = ends[1], high = ends[2])
  }

# A family: yes of n against yes of n for nine items, and one item of three groups.
family <- list(a = c(50, 80, 20, 85), b = c(40, 90, 22, 90), c = c(900, 20000, 910, 20000),
  d = c(12, 30, 9, 28), e = c(10, 10, 4, 12), f = c(5, 12, 5, 12), g = c(420, 800, 352, 800),
  h = c(30, 60, 41, 61), i = c(9, 14, 3, 15))
three <- cbind(yes = c(60, 45, 20), n = c(100, 95, 90))
pairs <- list(c(1, 2), c(1, 3), c(2, 3))
p <- sapply(family, function(v) {
  gap <- v[1] / v[2] - v[3] / v[4]
  range <- if (gap == 0) 1 else touches(function(chance) newcombe(v, chance), sign(gap))
  max(own_test(v), range)
})
whole <- chisq.test(cbind(three[, 1], three[, 2] - three[, 1]), correct = FALSE)$p.value
of_three <- sapply(pairs, function(k) {
  v <- c(three[k[1], ], three[k[2], ])
  own <- max(own_test(v), touches(function(chance) newcombe(v, chance), 1))
  max(whole, min(1, 3 * own))
})
p <- c(p, three = min(of_three))
q <- p.adjust(p, "BH")
chance <- max(1, sum(q <= 0.05)) * 0.05 / length(p)  # false coverage rate
word <- function(q, low, high)
  if (q <= 0.01) 1 else if (q <= 0.05) 2 else if (low >= -0.05 && high <= 0.05) 3 else 4
for (name in names(family)) {
  ends <- newcombe(family[[name]], chance)
  if (q[name] > 0.05) ends <- c(min(ends[1], 0), max(ends[2], 0))
  keep("family", name, p = unname(p[name]), low = ends[1], high = ends[2], word = word(q[name], ends[1], ends[2]))
}
best <- which.min(of_three)
ends <- newcombe(c(three[pairs[[best]][1], ], three[pairs[[best]][2], ]), chance / 3)
keep("family", "three", p = min(of_three), low = unname(ends[1]), high = unname(ends[2]), word = word(q["three"], ends[1], ends[2]))
keep("level", "family", chance = chance, likely = sum(q <= 0.05), clear = sum(q <= 0.01))

# Changes of the same people: McNemar's test as mcnemar.test and binom.test make it.
moves <- list(k = c(20, 4, 60), l = c(9, 0, 31), m = c(3, 1, 55), n = c(18, 15, 70), o = c(60, 20, 300))
p <- sapply(moves, function(v) {
  if (v[1] + v[2] < 25) binom.test(v[1], v[1] + v[2])$p.value
  else mcnemar.test(matrix(c(0, v[1], v[2], 0), 2))$p.value
})
q <- p.adjust(p, "BH")
chance <- max(1, sum(q <= 0.05)) * 0.05 / length(p)
for (name in names(moves)) {
  v <- moves[[name]]
  ends <- tango(v[1], v[2], v[3], chance)
  if (q[name] > 0.05) ends <- c(min(ends[1], 0), max(ends[2], 0))
  keep("moves", name, p = unname(p[name]), low = ends[1], high = ends[2], word = word(q[name], ends[1], ends[2]))
}

# Smallest difference from one half that 40 against 40 show, alone and beside another comparison.
for (chance in c(0.05, 0.025))
  keep("difference", chance, d = power.prop.test(n = 40, p1 = 0.5, power = 0.8, sig.level = chance, tol = 1e-12)$p2 - 0.5)

# Smallest change shown with power 0.8: the sample size of Connor (1987), solved for the difference.
for (v in list(c(60, 0.4, 0.05), c(31, 0.1, 0.005), c(1000, 0.2, 0.01))) {
  size <- function(d) {
    moved <- max(v[2], d)
    ((qnorm(1 - v[3] / 2) * sqrt(moved) + qnorm(0.8) * sqrt(moved - d^2)) / d)^2 - v[1]
  }
  keep("change", paste(v, collapse = " "), d = uniroot(size, c(1e-6, 1), tol = 1e-13)$root)
}

out <- do.call(rbind, rows)
header <- sprintf("# %s, %s; tolerance 1e-6: iterations of uniroot and optimize", R.version.string, Sys.Date())
con <- file("tests/oracles/findings.csv", "w")
writeLines(header, con)
write.csv(out, con, row.names = FALSE, quote = FALSE)
close(con)
