"""`instrument`: finds out what an application is, without importing frameworks it doesn't use."""

from importlib import import_module
from typing import Any, TypeVar

from kyros_obs import _state, witness
from kyros_obs._guard import Guard
from kyros_obs.exceptions import ConfigError

App = TypeVar("App")

_DASH = "kyros_obs.dash"

_guard = Guard("identity", passing=ConfigError)

#: The module that knows how to instrument a class, by the package and the name of the class.
_FACES = {
    ("dash", "Dash"): _DASH,
    ("starlette", "Starlette"): "kyros_obs.fastapi",
    ("quart", "Quart"): "kyros_obs.quart",
    ("flask", "Flask"): "kyros_obs.flask",
}


def instrument(
    app: App,
    *,
    app_slug: str | None = None,
    identity: witness.Ask | witness.AskAsync | None = None,
) -> App:
    """Observe a FastAPI, Starlette, Dash, Flask or Quart application; doing it again is harmless.

    Args:
        app: The application; call this when its middleware is added, or at any later time.
        app_slug: The label of a Dash application; else the setting, the path prefix or its name.
        identity: Asked whose a request is, where neither `bind` nor `request.state` or `flask.g`
            says so: with the ASGI scope (it may be asynchronous there), with Flask's request
            otherwise. It answers with a mapping or an object that has some of `tenant_id`,
            `tenant_slug`, `sub`, `email` and `user`, of validated claims alone; or with None, and
            is then asked once more as the request ends. `kyros_obs.jwt.VerifiedJwt` is one. A later
            call may give it to an application that has none.

    Returns:
        The same application.

    Raises:
        ConfigError: Nothing was configured before and the environment's settings are not valid.
        TypeError: The application is of another kind, `app_slug` is given for one that is not
            Dash, or `identity` can't be called.
    """
    _state.runtime()
    with _guard:
        witness.verifier()  # so that keys that can't be read are told now
    if identity is not None and not callable(identity):
        raise TypeError(
            f"option `identity` is no function: got a `{type(identity).__name__}`\n"
            "  hint: give the function itself, not its name"
        )
    face: str = _face(app)
    options: dict[str, Any] = {"identity": identity}
    if app_slug is not None:
        if face != _DASH:
            raise TypeError(
                f"option `app_slug` is for Dash: got a `{type(app).__name__}`\n"
                "  hint: leave it out; other applications have the label `service`"
            )
        options["app_slug"] = app_slug
    import_module(face).instrument(app, **options)
    return app


def _face(app: object) -> str:
    for kind in type(app).__mro__:
        face = _FACES.get((kind.__module__.partition(".")[0], kind.__name__))
        if face is not None:
            return face
    kinds = ", ".join(name for _, name in _FACES)
    given = type(app).__name__
    raise TypeError(
        f"can't instrument a thing of type `{given}`: expected FastAPI or one of {kinds}\n"
        "  hint: put `ObservabilityMiddleware` of `kyros_obs.asgi` or `kyros_obs.wsgi` around it"
    )
