"""What was asked: populations, dimensions, questions, and the files that say so.

Touches the files of a codebook and knows no response. Start with `model`, then `reading`.
"""
