"""How often the 95% intervals of small samples hold the truth: exactly, without simulation.

    python benchmarks/coverage.py

A sample of n can show 0 to n people who say yes. `proportion` gives its interval for each of the
n + 1, so that coverage at a share p is a sum of binomial chances: its mean over p from 0.05 to
0.95 is an integral of beta distributions, its minimum lies at an end of an interval. Weighted and
stratified samples, which nobody can count out, are simulated beside it (seeded).

Exits with 1 if the mean coverage of the default interval leaves 93% to 97% at any n.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betainc
from scipy.stats import binom

from helpers.estimation.estimates import proportion
from helpers.estimation.intervals import KNOWN, Z95
from helpers.responses.survey import load_survey

RESULTS = Path(__file__).resolve().parent / "results" / "coverage.json"
SIZES = tuple(range(10, 61, 5))
SHARES = (0.05, 0.95)
WITHIN = (0.93, 0.97)
DEFAULT = "wilson"
STRATA = {"large": 0.5, "middle": 0.3, "small": 0.2}  # shares of the population, sampled alike
SEED, SAMPLES = 20131, 4000
DESIGNS = ("unweighted", "weighted", "stratified")


def sampled(answers: np.ndarray, weights: np.ndarray, strata: np.ndarray | None) -> dict[str, Any]:
    """Intervals that `proportion` gives to samples of the same people.

    Parameters
    ----------
    answers : (respondent, sample), True for yes

    Returns
    -------
    dict of an interval's name to its ends, (2, sample); `normal` is estimate ± 1.96 se.
    """
    with tempfile.TemporaryDirectory() as place:
        survey = load_survey(folder(Path(place), answers, weights, strata))
    found: dict[str, Any] = {}
    for name in KNOWN:
        table = proportion(survey.design(interval=name), "a").query("option == 'yes'")
        found[name] = table[["ci_low", "ci_high"]].to_numpy().T
    p, se = table["estimate"].to_numpy(), table["se"].to_numpy()
    return {**found, "normal": np.array([p - Z95 * se, p + Z95 * se])}


def folder(
    place: Path, answers: np.ndarray, weights: np.ndarray, strata: np.ndarray | None
) -> Path:
    """Write a survey folder whose one grid question has an item a sample."""
    (place / "codebook").mkdir()
    (place / "responses").mkdir()
    design = "" if strata is None else ", strata: stratum"
    texts = {
        "codebook/survey.yml": "title: Coverage\nprovenance: illustrative\n"
        f"populations: {{people: {{label: People, weight: w{design}}}}}\n",
        "codebook/questions.csv": "id,population,kind,label,wording,option_set\n"
        "a,people,grid,A,A?,yn\n",
        "codebook/items.csv": "question,item\n"
        + "".join(f"a,s{k}\n" for k in range(answers.shape[1])),
        "codebook/options.csv": "set,code,label\nyn,yes,Yes\nyn,no,No\n",
    }
    for name, text in texts.items():
        (place / name).write_text(text, encoding="utf-8")
    cells = np.where(answers, "yes", "no")
    frame = pd.DataFrame(cells, columns=[f"a.s{k}" for k in range(answers.shape[1])])
    more = {} if strata is None else {"stratum": strata}
    extra = pd.DataFrame({"w": weights, **more})
    pd.concat([extra, frame], axis=1).to_csv(place / "responses/people.csv", index=False)
    return place


def exact(n: int) -> dict[str, dict[str, float]]:
    """Mean and least coverage of every interval over the shares, for a simple random sample."""
    answers = np.arange(n)[:, None] < np.arange(n + 1)[None, :]
    ends = sampled(answers, np.ones(n), None)
    return {name: {"mean": mean(n, *e), "minimum": minimum(n, *e)} for name, e in ends.items()}


def mean(n: int, low: np.ndarray, high: np.ndarray) -> float:
    """Mean coverage: the integral of C(n, k) p^k (1 - p)^(n - k) is a beta's over n + 1."""
    k = np.arange(n + 1)
    low, high = np.clip(low, *SHARES), np.clip(high, *SHARES)
    parts = betainc(k + 1, n - k + 1, high) - betainc(k + 1, n - k + 1, low)
    return float(parts.sum() / (n + 1) / (SHARES[1] - SHARES[0]))


def minimum(n: int, low: np.ndarray, high: np.ndarray) -> float:
    """Least coverage; between two ends it has no valley, so only their two sides are tried."""
    ends = np.concatenate([low, high, SHARES])
    tried = np.concatenate([ends - 1e-10, ends + 1e-10])
    p = tried[(tried >= SHARES[0]) & (tried <= SHARES[1])][:, None]
    held = (low <= p) & (p <= high)
    return float((binom.pmf(np.arange(n + 1), n, p) * held).sum(axis=1).min())


def simulated(n: int, design: str, samples: int = SAMPLES) -> dict[str, float]:
    """Mean coverage over shares drawn evenly from 0.05 to 0.95, by simulation."""
    rng = np.random.default_rng([SEED, n, DESIGNS.index(design)])
    truth = rng.uniform(*SHARES, samples)
    weights, strata, chance = np.ones(n), None, np.broadcast_to(truth, (n, samples))
    if design == "weighted":
        weights = np.exp(rng.normal(0, 0.5, n))
    if design == "stratified":
        strata = np.repeat(list(STRATA), n // len(STRATA))
        weights = np.array([STRATA[s] for s in strata])
        # the largest stratum says yes less often, the others more: the whole is as drawn
        away = np.where(strata == "large", -0.4, 0.4)[:, None] * np.minimum(truth, 1 - truth)
        chance = truth + away
    answers = rng.uniform(size=(n, samples)) < chance
    return {
        name: float(((low <= truth) & (truth <= high)).mean())
        for name, (low, high) in sampled(answers, weights, strata).items()
    }


def study() -> dict[str, Any]:
    """Run everything and say whether the default interval keeps its promise."""
    by_size = {str(n): exact(n) for n in SIZES}
    means = [found[DEFAULT]["mean"] for found in by_size.values()]
    return {
        "command": "python benchmarks/coverage.py",
        "default": DEFAULT,
        "shares": list(SHARES),
        "within": list(WITHIN),
        "held": WITHIN[0] <= min(means) and max(means) <= WITHIN[1],
        "exact": by_size,
        "summary": {
            name: {
                "mean_lowest": min(found[name]["mean"] for found in by_size.values()),
                "mean_highest": max(found[name]["mean"] for found in by_size.values()),
                "minimum": min(found[name]["minimum"] for found in by_size.values()),
            }
            for name in by_size[str(SIZES[0])]
        },
        "simulated": {
            "samples": SAMPLES,
            "seed": SEED,
            "standard_error": round((0.95 * 0.05 / SAMPLES) ** 0.5, 4),
            **{d: {str(n): simulated(n, d) for n in (15, 30, 60)} for d in DESIGNS},
        },
    }


def rounded(value: Any) -> Any:
    """Round every number to five places."""
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return round(value, 5) if isinstance(value, float) else value


def main() -> None:
    """Study, write, and fail if the default interval leaves its bounds."""
    result = rounded(study())
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, found in result["summary"].items():
        print(
            f"{name:8} mean {found['mean_lowest']:.1%} to {found['mean_highest']:.1%}, "
            f"minimum {found['minimum']:.1%}"
        )
    if not result["held"]:
        sys.exit(
            f"the mean coverage of the {DEFAULT} interval leaves {WITHIN[0]:.0%} to "
            f"{WITHIN[1]:.0%}: see {RESULTS.name}"
        )


if __name__ == "__main__":
    main()
