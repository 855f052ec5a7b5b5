"""Dashboards and notebooks as plain files for any web host.

Uses `dashboards` and `notebook`. Start with `site`.
"""
