"""Every table of answers that fits what is public, found by trying all of them."""

from itertools import combinations

import numpy as np


def compositions(n, parts):
    """Every way to divide n into so many parts, in order."""
    bars = np.array(list(combinations(range(n + parts - 1), parts - 1)), dtype=int)
    bars = bars.reshape(-1, parts - 1)
    ends = np.full((len(bars), 1), n + parts - 1)
    return np.diff(np.hstack([np.full((len(bars), 1), -1), bars, ends]), axis=1) - 1


def tables(bases, options, facts):
    """Tables [cell, option] of these bases that satisfy facts (cells, options, low, high)."""
    found = np.zeros((1, 0, options), dtype=int)
    for at, n in enumerate(bases):
        rows = compositions(n, options)
        left = np.repeat(found, len(rows), axis=0)
        right = np.tile(rows, (len(found), 1))[:, None, :]
        found = np.concatenate([left, right], axis=1)
        for cells, chosen, low, high in facts:
            if max(cells) <= at:
                sums = found[:, cells][:, :, chosen].sum(axis=(1, 2))
                found = found[(sums >= low) & (sums <= high)]
    return found


def leaks(fits, groups, judged, few=2):
    """Targets that the contract calls leaks under `strict`: (group, options, kind)."""
    options = fits.shape[2]
    found = set()
    for group in groups:
        within = fits[:, list(group)].sum(axis=1)
        n = within.sum(axis=1)
        for size in range(1, options):
            for chosen in combinations(range(options), size):
                counts = within[:, list(chosen)].sum(axis=1)
                if counts.min() >= 1 and counts.max() <= few:
                    found.add((group, chosen, "inference"))
                if size == 1 and chosen[0] in judged and (counts >= n - few).all() and n.max() > 0:
                    found.add((group, chosen, "certain claims"))
    return found


def unions(number):
    """Every set of groups."""
    return [g for size in range(1, number + 1) for g in combinations(range(number), size)]
