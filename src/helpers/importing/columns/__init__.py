"""Columns on their way into a survey: where each goes, and what cannot be right there.

Uses `files`, `layouts`, `words` and `codebook`. Start with `mapping`, then `placing`.
"""
