"""Mutated exports: what the import does with files that are damaged in a known way."""
