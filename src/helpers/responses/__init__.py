"""What was answered: responses found, checked and held in memory, by DuckDB or by Spark.

Uses `codebook` alone, and every engine follows the same rules (`answers`). Start with `survey`.
"""
