"""What is sent: charts as files.

May use everything below it, up to `analysis`. Start with `figures.figures`.
"""
