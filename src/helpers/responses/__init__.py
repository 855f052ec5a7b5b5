"""What was answered: responses are found, checked and held in memory, by DuckDB or by Spark.

Uses only `codebook`; every engine follows the same rules (`answers`). Start with `survey`.
"""
