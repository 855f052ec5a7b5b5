"""What a source printed about a survey, checked against arithmetic and the responses.

Uses `estimation` and changes nothing. Start with `ledger`, then `statements`.
"""
