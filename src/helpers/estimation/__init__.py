"""What the responses say: shares, means, totals, differences, change and models.

Uses `responses`; respondents are counted in one place alone. Start with `tabulate`, where that is,
then `estimates`.
"""
