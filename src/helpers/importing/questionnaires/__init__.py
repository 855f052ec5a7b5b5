"""Questionnaires as survey tools hand them out: a module for each, all of which make one model.

Uses `codebook`, `files`, `layouts`, `words` and `columns`. Start with `model`; `reading` knows them
by their content, and `fitting` finds their questions in the columns of an export.
"""
