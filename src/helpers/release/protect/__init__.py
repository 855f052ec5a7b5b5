"""Which answers are shown, merged or hidden, so that nobody in a small group is identified.

Uses counts of `estimation` and the rules of a release. Start with `protection`.
"""
