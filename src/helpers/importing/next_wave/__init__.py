"""The next wave of a survey: where its file departs from the codebook, proposed one by one.

Uses `files`, `layouts`, `words`, `columns` and `draft`. Start with `finding`, which
asks the modules `of_…` in turn; `amending` writes what was answered into codebook and mapping.
"""
