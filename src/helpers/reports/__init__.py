"""What is sent: tables of all questions in a workbook, and charts as files.

May use everything below it, up to `analysis`. Start with `banner.banner` and `figures.figures`.
"""
