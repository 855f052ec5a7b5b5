# Reference for regressions: `Rscript regression.R > regression.csv` in this folder, with survey and
# car. svyglm's coefficients, standard errors and residual degrees of freedom, regTermTest's F, average
# marginal effects by hand with the delta method (central differences), McFadden's R2 from svyglm's
# deviances, car's generalised variance inflation and hatvalues of the model with weights.
suppressMessages({library(survey); library(car)})
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

report <- function(case, data, weighted, formula, family) {
  design <- if (weighted) svydesign(~1, strata = ~s, weights = ~w, data = data)
            else svydesign(~1, weights = ~one, data = data)
  part <- subset(design, in_domain & !is.na(y) & !is.na(size))
  fit <- svyglm(formula, part, family = family, control = glm.control(1e-14, 100))
  theta <- coef(fit); v <- vcov(fit)
  for (n in names(theta)) { add(case, n, "estimate", theta[[n]]); add(case, n, "se", sqrt(v[n, n])) }
  add(case, "", "df", fit$df.residual)
  for (term in attr(terms(formula), "term.labels")) {
    t <- regTermTest(fit, as.formula(paste("~", term)), method = "Wald")
    add(case, term, "f", t$Ftest); add(case, term, "p", t$p)
  }
  add(case, "", "r2", 1 - fit$deviance / fit$null.deviance)
  d <- part$variables; w <- weights(part)
  inv <- fit$family$linkinv
  x <- model.matrix(formula, d)
  turned <- function(key, code) model.matrix(formula, transform(d, age = if (key == "age") factor(code, c("a", "b", "c")) else factor(age, c("a", "b", "c")),
                                                                sex = if (key == "sex") factor(code, c("f", "m")) else factor(sex, c("f", "m"))))
  effects <- list(
    ageb = function(b) sum(w * (inv(turned("age", "b") %*% b) - inv(turned("age", "a") %*% b))) / sum(w),
    agec = function(b) sum(w * (inv(turned("age", "c") %*% b) - inv(turned("age", "a") %*% b))) / sum(w),
    sexm = function(b) sum(w * (inv(turned("sex", "m") %*% b) - inv(turned("sex", "f") %*% b))) / sum(w),
    size = function(b) sum(w * fit$family$mu.eta(drop(x %*% b)) * b[["size"]]) / sum(w))
  for (n in names(effects)) {
    g <- sapply(seq_along(theta), function(k) { e <- replace(0 * theta, k, 1e-5); (effects[[n]](theta + e) - effects[[n]](theta - e)) / 2e-5 })
    add(case, n, "effect", effects[[n]](theta)); add(case, n, "effect_se", sqrt(drop(g %*% v %*% g)))
  }
  d$v <- w / mean(w)
  plain <- suppressWarnings(glm(formula, family, d, weights = v, control = glm.control(1e-14, 100)))
  inflated <- vif(plain)
  for (term in rownames(inflated)) add(case, term, "vif", inflated[term, "GVIF"]^(1 / inflated[term, "Df"]))
  if (!weighted) add(case, "", "leverage", max(hatvalues(plain)))
}
for (weighted in c(FALSE, TRUE)) for (domain in c(FALSE, TRUE)) {
  data <- if (domain) made else transform(made, in_domain = TRUE)
  name <- paste(if (weighted) "designed" else "plain", if (domain) "domain" else "")
  report(trimws(paste("logistic", name)), data, weighted, agree ~ age + sex + size, quasibinomial())
  report(trimws(paste("linear", name)), data, weighted, y ~ age + sex + size, gaussian())
}
cat(sprintf("# regression.R: R %s, survey %s, car %s, %s; relative tolerance 1e-6\n",
            getRversion(), packageVersion("survey"), packageVersion("car"), Sys.Date()))
write.csv(do.call(rbind, rows), row.names = FALSE, quote = TRUE)
