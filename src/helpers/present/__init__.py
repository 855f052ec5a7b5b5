"""A result ready to show: labelled table, chart, sentence, picture.

Uses `estimation`, and reads results from the cube of a `release` too; knows neither widgets nor
pages. Start with `results`, the shares of a question; `key_answers` chooses the answers that stand
for it, and `formats` writes numbers and labels.
"""
