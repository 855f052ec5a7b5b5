"""Dashboards and notebooks as plain files for any web host.

Uses `dashboards`, `notebook` and `analysis`. Start with `site`.
"""
