"""Cells: the finest groups that anything public distinguishes, of whatever release or page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from helpers.codebook.model import Codebook
from helpers.release.attack.released import Released

Mask: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Box: TypeAlias = tuple[tuple[str, frozenset[str]], ...]  # dimensions and bands of a group
Chosen: TypeAlias = Mapping[str, frozenset[str]]  # dimension -> bands; one left out: all


@dataclass(frozen=True)
class Group:
    """A group that a dimension offers: some of its bands together."""

    id: str
    label: str
    bands: frozenset[str]


@dataclass(frozen=True)
class Frame:
    """Cells of a question: combinations of pieces of its dimensions.

    Attributes
    ----------
    pieces : of each dimension the sets of bands that no public group divides
    labels : dimension and bands -> how a reader knows them
    """

    pieces: Mapping[str, tuple[frozenset[str], ...]]
    labels: Mapping[tuple[str, frozenset[str]], str]

    @classmethod
    def of(cls, groups: Mapping[str, Iterable[Group]]) -> Frame:
        """Divide bands wherever one of the groups divides them."""
        pieces: dict[str, tuple[frozenset[str], ...]] = {}
        labels: dict[tuple[str, frozenset[str]], str] = {}
        for dimension, known in groups.items():
            signs: dict[str, list[int]] = {}
            for n, group in enumerate(known):
                labels.setdefault((dimension, group.bands), group.label)
                for band in sorted(group.bands):
                    signs.setdefault(band, []).append(n)
            found: dict[tuple[int, ...], set[str]] = {}
            for band, sign in signs.items():
                found.setdefault(tuple(sign), set()).add(band)
            pieces[dimension] = tuple(frozenset(bands) for bands in found.values())
        return cls(pieces, labels)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """How many pieces each dimension has."""
        return tuple(len(p) for p in self.pieces.values())

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(np.prod(self.shape, dtype=np.int64))

    @cached_property
    def _masks(self) -> dict[frozenset[tuple[str, frozenset[str]]], Mask]:
        return {}

    def mask(self, chosen: Chosen) -> Mask:
        """Cells whose bands are chosen in every dimension: the same array for the same bands."""
        key = frozenset((d, frozenset(bands)) for d, bands in chosen.items())
        if key not in self._masks:
            self._masks[key] = self._mask(chosen).copy()
            self._masks[key].flags.writeable = False
        return self._masks[key]

    def _mask(self, chosen: Chosen) -> Mask:
        result = np.ones((), dtype=bool)
        for dimension, pieces in self.pieces.items():
            inside = np.ones(len(pieces), dtype=bool)
            if dimension in chosen:
                inside = np.array([p <= chosen[dimension] for p in pieces], dtype=bool)
            result = np.logical_and.outer(result, inside)
        return result.reshape(-1)

    def words(self, mask: Mask) -> str:
        """Name a set of cells by the labels of its groups."""
        if mask.all():
            return "everybody"
        grid = mask.reshape(self.shape)
        parts = []
        for axis, (dimension, pieces) in enumerate(self.pieces.items()):
            others = tuple(n for n in range(grid.ndim) if n != axis)
            there = np.asarray(grid.any(axis=others))
            if not there.all():
                parts.append(" or ".join(self._named(dimension, pieces, there)))
        boxed = int(mask.sum()) == np.prod(
            [
                grid.any(axis=tuple(n for n in range(grid.ndim) if n != axis)).sum()
                for axis in range(grid.ndim)
            ],
            dtype=np.int64,
        )
        if boxed and parts:
            return ", ".join(parts)
        named = [self._cell(n) for n in np.flatnonzero(mask)[:4]]
        return " together with ".join(named) + (" and others" if mask.sum() > 4 else "")

    def _named(self, dimension: str, pieces: Sequence[frozenset[str]], there: Mask) -> list[str]:
        whole = frozenset().union(*(p for p, t in zip(pieces, there, strict=True) if t))
        if (dimension, whole) in self.labels:
            return [self.labels[dimension, whole]]
        return [self._label(dimension, p) for p, t in zip(pieces, there, strict=True) if t]

    def _label(self, dimension: str, piece: frozenset[str]) -> str:
        bands = (self.labels.get((dimension, frozenset({band})), band) for band in sorted(piece))
        return self.labels.get((dimension, piece)) or " or ".join(bands)

    def _cell(self, cell: int) -> str:
        at = np.unravel_index(cell, self.shape)
        return (
            "“"
            + ", ".join(
                self._label(d, p[int(n)]) for (d, p), n in zip(self.pieces.items(), at, strict=True)
            )
            + "”"
        )


def packed(cells: Mask) -> bytes:
    """Write a set of cells as bits."""
    return np.packbits(cells).tobytes()


def distinct(masks: Iterable[Mask]) -> dict[bytes, Mask]:
    """Keep one of equal sets of cells, as `packed`, in order."""
    once = {id(mask): mask for mask in masks}  # facts of one group share their cells
    return {packed(mask): mask for mask in once.values()}


def frame_of(codebook: Codebook, offers: Iterable[Released]) -> Frame:
    """Make the frame of all groups that are public: of cubes, of pages, of earlier releases."""
    together: dict[str, list[Group]] = {}
    for groups in offers:
        for dimension, listed in groups.items():
            together.setdefault(dimension, []).extend(map(group_of, listed))
    frame = Frame.of(together)
    labels = {
        (d, frozenset({band})): codebook.dimensions[d].band_label(band)
        for d, pieces in frame.pieces.items()
        for band in frozenset().union(*pieces)
        if d in codebook.dimensions
    }
    return Frame(frame.pieces, {**labels, **frame.labels})


def group_of(group: Released) -> Group:
    """Read a group of a dimension."""
    return Group(group["id"], group["label"], frozenset(group["bands"]))
