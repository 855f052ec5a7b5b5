# Reference for interactions and functions of numbers: `Rscript interactions.R > interactions.csv` in
# this folder, with survey: svyglm's coefficients and standard errors, regTermTest's p of each term and
# of all terms of a characteristic, average marginal effects by hand with the delta method, effects of
# a number as central differences.
suppressMessages(library(survey))
options(digits = 17)
rows <- list()
add <- function(case, term, statistic, value)
  rows[[length(rows) + 1]] <<- data.frame(case, term, statistic, value = sprintf("%.17g", value))
i <- 0:399
made <- data.frame(
  age = c("a", "b", "c")[(i * 7) %% 3 + 1], sex = c("m", "f")[(i %/% 5) %% 2 + 1],
  s = c("s1", "s2", "s3")[i %% 3 + 1], w = 1 + ((i * 7) %% 11) / 4, size = ((i * 13) %% 29) / 2)
made$s[i %% 4 == 0] <- "s4"
u <- (i * 0.6180339887498949) %% 1
power <- 1 + 0.3 * (made$age == "b") - 0.4 * (made$age == "c") + 0.2 * (made$sex == "f") - 0.03 * made$size
made$y <- 1 + floor(5 * u^power)
made$y[i %% 17 == 3] <- NA
made$size[i %% 19 == 5] <- NA
made$in_domain <- (i %% 6) != 5
made$one <- 1
made$agree <- as.numeric(made$y >= 4)

report <- function(case, formula, family) {
  design <- svydesign(~1, strata = ~s, weights = ~w, data = made)
  part <- subset(design, !is.na(y) & !is.na(size))
  fit <- svyglm(formula, part, family = family, control = glm.control(1e-14, 100))
  theta <- coef(fit); v <- vcov(fit)
  for (n in names(theta)) { add(case, n, "estimate", theta[[n]]); add(case, n, "se", sqrt(v[n, n])) }
  labels <- attr(terms(formula), "term.labels")
  for (term in labels) add(case, term, "p", regTermTest(fit, as.formula(paste("~", term)), method = "Wald")$p)
  assigned <- attr(model.matrix(formula, part$variables), "assign")
  factors <- attr(terms(formula), "factors")
  for (key in c("age", "sex", "size")) {
    at <- which(assigned %in% which(apply(factors[grepl(key, rownames(factors)), , drop = FALSE] > 0, 2, any)))
    f <- drop(theta[at] %*% solve(v[at, at], theta[at])) / length(at)
    add(case, key, "p_all", pf(f, length(at), fit$df.residual, lower.tail = FALSE))
  }
  d <- part$variables; w <- weights(part); w <- w / sum(w)
  inv <- fit$family$linkinv
  fixed <- function(...) {
    e <- transform(d, ...)
    e$age <- factor(e$age, c("a", "b", "c")); e$sex <- factor(e$sex, c("f", "m"))
    model.matrix(formula, e)
  }
  e <- 1e-5
  slopes <- (fixed(size = size + e) - fixed(size = size - e)) / (2 * e)
  effects <- list(
    ageb = function(b) sum(w * (inv(fixed(age = "b") %*% b) - inv(fixed(age = "a") %*% b))),
    agec = function(b) sum(w * (inv(fixed(age = "c") %*% b) - inv(fixed(age = "a") %*% b))),
    sexm = function(b) sum(w * (inv(fixed(sex = "m") %*% b) - inv(fixed(sex = "f") %*% b))),
    size = function(b) sum(w * fit$family$mu.eta(drop(fixed() %*% b)) * drop(slopes %*% b)))
  for (n in names(effects)) {
    g <- sapply(seq_along(theta), function(k) { e <- replace(0 * theta, k, 1e-5); (effects[[n]](theta + e) - effects[[n]](theta - e)) / 2e-5 })
    add(case, n, "effect", effects[[n]](theta)); add(case, n, "effect_se", sqrt(drop(g %*% v %*% g)))
  }
}
made$size <- made$size + 1
report("crossed", agree ~ age * sex + size, quasibinomial())
report("sloped", agree ~ age + sex * size + I(size^2), quasibinomial())
report("curved", y ~ age * sex + log(size), gaussian())
report("threefold", y ~ age * sex * size, gaussian())
report("root", y ~ age + sex + sqrt(size), gaussian())
out <- do.call(rbind, rows)
cat("# survey", as.character(packageVersion("survey")), R.version.string, "\n")
write.csv(out, row.names = FALSE, quote = FALSE)
