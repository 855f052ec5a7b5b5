"""What analysts use in JupyterLab: filters, questions that follow them, tables and pictures.

Uses all folders below it, and shows every result outside a live kernel too. Start with `controls`
and `question_view`.
"""
