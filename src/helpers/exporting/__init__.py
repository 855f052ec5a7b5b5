"""A survey as other tools open it: Excel, SPSS and data packages.

Uses `codebook`, `responses` and the tables of `importing`; whatever is exported can be imported
again without a difference. Start with `exporting`.
"""
