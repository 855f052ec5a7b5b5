"""Files of every format as one kind of table, read in a process that may do nothing else.

Knows formats and neither survey tools nor codebooks. Start with `sheets`, then `confine`.
"""
