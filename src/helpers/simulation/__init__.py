"""Simulated responses, made to give exactly the numbers that a survey's owner declares.

Uses `codebook` alone; what it writes says that it is simulated. Start with `illustrative`.
"""
