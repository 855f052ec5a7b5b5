"""Who may read."""

from __future__ import annotations

from collections.abc import Awaitable

import tornado.web
from jupyter_server.auth.identity import PasswordIdentityProvider, User


class Readers(PasswordIdentityProvider):
    """Readers without a login are all the same, so that no cookie has to tell them apart."""

    def get_user(self, handler: tornado.web.RequestHandler) -> User | None | Awaitable[User | None]:
        """Return the one reader where no login is asked for."""
        return super().get_user(handler) if self.auth_enabled else User("reader")
