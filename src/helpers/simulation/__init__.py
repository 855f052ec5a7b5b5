"""Simulated responses, made to give exactly the numbers that a survey's owner declares.

Uses only `codebook`; everything it writes says that it is simulated. Start with `illustrative`.
"""
