"""What people and survey tools write into cells: numbers, dates, scales, words for no answer.

Knows languages and no survey; uses only `files`. Start with `shapes`, then `scales`.
"""
