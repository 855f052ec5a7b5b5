"""A release as its readers see it: every view made beforehand, and the page around them.

Uses `present` and `release`; `browser` holds what is sent to a browser, which looks views up and
computes nothing. Start with `publishing`, then `views`.
"""
