"""A codebook drafted from a file that has none, with the reason of every guess.

Uses the other rooms of `importing` and writes nothing but the draft. Start with `guesses`.
"""
