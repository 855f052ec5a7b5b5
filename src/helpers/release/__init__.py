"""What leaves the responses: the protected cube and the files of a release.

Uses `estimation`; `protect` decides what is shown, `attack` tries to undo that and shares no code
with it. Start with `rules`, then `cube`.
"""
