"""From the export of a survey tool to a survey folder, counted back before anything changes.

Uses `codebook` and `responses`; its folders are `files`, `layouts`, `words`, `columns`,
`questionnaires` and `draft`, in this order. Start with `importing`.
"""
