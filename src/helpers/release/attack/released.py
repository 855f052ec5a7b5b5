"""JSON of a release as the audit reads it.

It may have been changed by anybody, so no form is taken for granted: what an object holds is looked
at where `facts`, `view_facts` and `page_facts` make their own of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Released: TypeAlias = Mapping[str, Any]  # an object: a page, a view, a question of the cube …
