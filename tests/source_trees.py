"""Syntax trees of source files, for tests that read the source."""

import ast
from functools import cache

import pytest


@cache
def parsed(path):
    """Everything in the syntax tree of a file, its root first."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module", autouse=True)
def forgotten():
    """Drop the trees after the last test: they slow down every collection of garbage."""
    yield
    parsed.cache_clear()
