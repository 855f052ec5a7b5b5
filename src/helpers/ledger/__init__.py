"""What a source printed about a survey, held against arithmetic and against the responses.

Uses `estimation` and changes nothing. Start with `ledger`, then `findings`.
"""
