"""The next wave of a survey: where its file departs from the codebook, proposed one by one.

Uses `files`, `layouts`, `words`, `columns` and `draft`. Start with `finding`, which asks
`of_columns` and `of_answers`; `amending` writes what was answered into codebook and mapping.
"""
