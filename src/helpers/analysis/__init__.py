"""The functions for analysts: each estimates or compares and returns one `Result`.

Turns estimates into tables, sentences, charts and files, and changes no survey.
Start with `result.Result`, then `estimates.share`.
"""
