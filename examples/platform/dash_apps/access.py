"""The token check in front of every Dash application, as Flask knows it."""

import logging

import dash
import flask

from examples.platform import settings
from examples.platform.identity import InvalidTokenError, TokenAuthority, bearer
from examples.platform.secrets_store import SecretsStore

log = logging.getLogger("kyros.dash")


def guard(server: flask.Flask) -> None:
    """Let only callers with a valid tenant token in; `flask.g` then says who they are."""
    authority = _authority()

    @server.before_request
    def check_token() -> tuple[str, int] | None:
        try:
            identity = authority.identify(bearer(flask.request.headers.get("Authorization")) or "")
        except InvalidTokenError as error:
            log.warning("rejected (%s), cookies were %s", error, dict(flask.request.cookies))
            return "invalid token", 401
        if identity.tenant_id is None:
            return "no tenant chosen", 403
        flask.g.tenant_id = identity.tenant_id
        flask.g.user = {
            "sub": identity.sub,
            "email": identity.email,
            "tenant_slug": identity.tenant_slug,
        }
        return None


def tenant_id() -> str:
    """The tenant of the current request."""
    return str(flask.g.tenant_id)


def tenant_id_of_job() -> str:
    """The tenant of the request that wants what runs in the background, where no request is."""
    token = bearer(dash.callback_context.headers.get("Authorization"))
    return str(_authority().identify(token or "").tenant_id)


def _authority() -> TokenAuthority:
    return TokenAuthority(SecretsStore(settings.secrets_directory()))


def email() -> str:
    """The e-mail address of the current user."""
    return str(flask.g.user["email"])
