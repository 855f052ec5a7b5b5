"""Survey research from files to pages.

The rooms, from the ground up: `codebook`, `responses`, `simulation`, `importing`, `exporting`,
`estimation`, `ledger`, `release`, `present`, `pages`, `notebook`, `dashboards`. A room imports from
those below it alone; tests/test_layers.py says which. docs/architecture.md shows the whole house.
"""
