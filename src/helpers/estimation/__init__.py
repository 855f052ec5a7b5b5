"""What the responses say: shares, means, totals, differences, change and models.

Uses `responses`. Start with `tabulate`, the only place where respondents are counted, then
`estimates`.
"""
