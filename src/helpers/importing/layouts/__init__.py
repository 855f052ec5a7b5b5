"""How survey tools lay out a table: header rows, and what the names of columns say.

Uses only `files`. Start with `headers`, which lists the layouts; each is a module.
"""
