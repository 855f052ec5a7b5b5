"""A determined reader: draws every conclusion that the files of a release allow, and reports it.

Reads what a viewer receives and imports nothing from the protection. Start with `audit`.

JSON of a release may have been changed by anybody, so its form is not taken for granted: it is
`Released` until `facts`, `view_facts` and `page_facts` have made their own of it.
"""
