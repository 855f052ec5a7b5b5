"""What of the answers is shown, merged or hidden, so that nobody in a small group is found out.

Uses counts of `estimation` and the rules of a release. Start with `protection`.
"""
