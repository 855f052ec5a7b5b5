"""The closed server of the dashboards: who may read, and pages that are made once.

Uses `dashboards` and Voila. Start with `serve`, then `application`.
"""
