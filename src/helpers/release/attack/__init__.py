"""A determined reader: draws every conclusion that the files of a release allow, and reports it.

Reads what a viewer receives and imports nothing of the protection. Start with `audit`.
"""
