# Reference for models: `Rscript models.R > models.csv` in this folder, with ordinal and survey.
# ordinal::clm fits the cumulative logit by Newton's method with an analytic Hessian; Brant's test
# is worked from separate binary glm's; with weights and strata the influence functions go through
# survey::svyrecvar. survey::svyolr stands beside it: its optimiser stops earlier.
suppressMessages({library(ordinal); library(survey)})
options(digits = 17)
rows <- list()
add <- function(case, term, statistic, value)
  rows[[length(rows) + 1]] <<- data.frame(case, term, statistic, value = sprintf("%.17g", value))

i <- 0:399
made <- data.frame(
  age = c("a", "b", "c")[(i * 7) %% 3 + 1], sex = c("m", "f")[(i %/% 5) %% 2 + 1],
  s = c("s1", "s2", "s3")[i %% 3 + 1], w = 1 + ((i * 7) %% 11) / 4)
made$s[i %% 4 == 0] <- "s4"
u <- (i * 0.6180339887498949) %% 1
made$y <- 1 + floor(5 * u^(1 + 0.3 * (made$age == "b") - 0.4 * (made$age == "c") + 0.2 * (made$sex == "f")))
made$y[i %% 17 == 3] <- NA
made$in_domain <- (i %% 6) != 5

logistic_scores <- function(fit, data) {           # by respondent: slopes, then thresholds
  x <- model.matrix(~ age + sex, data)[, -1]
  alpha <- c(-Inf, fit$alpha, Inf); eta <- drop(x %*% fit$beta); y <- data$y
  up <- dlogis(alpha[y + 1] - eta); low <- dlogis(alpha[y] - eta)
  p <- plogis(alpha[y + 1] - eta) - plogis(alpha[y] - eta)
  cbind((low - up) / p * x, sapply(seq_along(fit$alpha), function(j)
    ((y == j) * up - (y == j + 1) * low) / p))
}
flip <- function(m, k) { at <- c((k + 1):nrow(m), 1:k); m[at, at] }  # clm puts thresholds first

fit_and_report <- function(case, data, weighted) {
  use <- !is.na(data$y) & data$in_domain
  d <- data[use, ]; d$f <- factor(d$y, ordered = TRUE)
  d$one <- if (weighted) d$w / mean(d$w) else 1
  fit <- clm(f ~ age + sex, data = d, weights = one, control = clm.control(gradTol = 1e-12, maxIter = 200))
  k <- length(fit$alpha)
  v <- flip(fit$vcov, k)
  names <- c(names(fit$beta), paste0("cut", 1:k))
  if (weighted) {
    u <- matrix(0, nrow(data), ncol(v))
    u[use, ] <- (logistic_scores(fit, d) * d$w) %*% (v / mean(d$w))
    design <- svydesign(~1, strata = ~s, weights = ~w, data = data)
    v <- svyrecvar(u, design$cluster, design$strata, design$fpc)
    olr <- svyolr(f ~ age + sex, subset(svydesign(~1, strata = ~s, weights = ~w,
             data = transform(data, f = factor(y, ordered = TRUE))), use))
    for (n in seq_along(olr$coefficients)) {
      add(case, names[n], "svyolr", olr$coefficients[[n]])
      add(case, names[n], "svyolr_se", sqrt(diag(olr$var))[[n]])
    }
  }
  null <- clm(f ~ 1, data = d, weights = one, control = clm.control(gradTol = 1e-12, maxIter = 200))
  add(case, "", "mcfadden", 1 - as.numeric(logLik(fit)) / as.numeric(logLik(null)))
  theta <- c(fit$beta, fit$alpha)
  for (n in seq_along(theta)) { add(case, names[n], "estimate", theta[[n]]); add(case, names[n], "se", sqrt(v[n, n])) }
  chances <- function(theta, x) {
    eta <- drop(x %*% theta[seq_along(fit$beta)]); a <- c(-Inf, theta[-seq_along(fit$beta)], Inf)
    sapply(seq_len(k + 1), function(j) plogis(a[j + 1] - eta) - plogis(a[j] - eta))
  }
  x <- model.matrix(~ age + sex, d)[, -1]
  effect <- function(theta) {
    to <- x; from <- x
    to[, c("ageb", "agec")] <- rep(c(0, 1), each = nrow(x)); from[, c("ageb", "agec")] <- 0
    colSums(d$one * (chances(theta, to) - chances(theta, from))) / sum(d$one)
  }
  g <- sapply(seq_along(theta), function(n) { e <- replace(0 * theta, n, 1e-6); (effect(theta + e) - effect(theta - e)) / 2e-6 })
  for (j in seq_len(k + 1)) {
    add(case, paste0("agec:", j), "effect", effect(theta)[j])
    add(case, paste0("agec:", j), "effect_se", sqrt(g[j, ] %*% v %*% g[j, ]))
  }
  cuts <- lapply(1:k, function(j) suppressWarnings(glm(I(y > j) ~ age + sex, binomial, d, weights = one,
                                                       control = glm.control(1e-14, 100))))
  beta <- unlist(lapply(cuts, function(f) coef(f)[-1])); m <- length(fit$beta)
  full <- cbind(1, x)
  block <- function(j, l) {
    a <- summary(cuts[[j]], dispersion = 1)$cov.unscaled; b <- summary(cuts[[l]], dispersion = 1)$cov.unscaled
    if (weighted) {
      uj <- ul <- matrix(0, nrow(data), m + 1)
      uj[use, ] <- (d$w * (as.numeric(d$y > j) - fitted(cuts[[j]]))) * full %*% (a / mean(d$w))
      ul[use, ] <- (d$w * (as.numeric(d$y > l) - fitted(cuts[[l]]))) * full %*% (b / mean(d$w))
      design <- svydesign(~1, strata = ~s, weights = ~w, data = data)
      return(svyrecvar(cbind(uj, ul), design$cluster, design$strata, design$fpc)[2:(m + 1), (m + 1) + 2:(m + 1)])
    }
    w <- fitted(cuts[[max(j, l)]]) - fitted(cuts[[j]]) * fitted(cuts[[l]])
    (a %*% t(full) %*% (full * w) %*% b)[-1, -1]
  }
  big <- do.call(rbind, lapply(1:k, function(j) do.call(cbind, lapply(1:k, function(l) block(j, l)))))
  for (term in c("all", "age", "sex")) {
    at <- switch(term, all = 1:m, age = 1:2, sex = 3)
    d_matrix <- do.call(rbind, lapply(2:k, function(j) t(sapply(at, function(s) {
      r <- numeric(k * m); r[s] <- 1; r[(j - 1) * m + s] <- -1; r }))))
    apart <- d_matrix %*% beta
    wald <- drop(t(apart) %*% solve(d_matrix %*% big %*% t(d_matrix), apart))
    add(case, term, "brant", wald); add(case, term, "brant_df", nrow(d_matrix))
  }
}
fit_and_report("plain", transform(made, in_domain = TRUE), FALSE)
fit_and_report("domain", made, FALSE)
fit_and_report("designed", transform(made, in_domain = TRUE), TRUE)
fit_and_report("designed domain", made, TRUE)
cat(sprintf("# models.R: R %s, ordinal %s, survey %s, %s; relative tolerance 1e-6\n",
            getRversion(), packageVersion("ordinal"), packageVersion("survey"), Sys.Date()))
write.csv(do.call(rbind, rows), row.names = FALSE, quote = TRUE)
