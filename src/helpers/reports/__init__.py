"""What is sent: tables of all questions in a workbook, charts as files, Word, slides, PDF and HTML.

`outline` is what a report says; `released` makes it of a release, `answered` of responses; `word`,
`slides` and `web` write it. May use everything below it, up to `analysis`.

Start with `banner.banner`, `figures.figures` and `document.report`.
"""
