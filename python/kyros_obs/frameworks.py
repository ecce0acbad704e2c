"""`instrument`: finds out what an application is, without importing frameworks it doesn't use."""

from importlib import import_module
from typing import TypeVar

from kyros_obs import _state

App = TypeVar("App")

_DASH = "kyros_obs.dash"

#: The module that knows how to instrument a class, by the package and the name of the class.
_FACES = {
    ("dash", "Dash"): _DASH,
    ("starlette", "Starlette"): "kyros_obs.fastapi",
    ("flask", "Flask"): "kyros_obs.wsgi",
}


def instrument(app: App, *, app_slug: str | None = None) -> App:
    """Observe an application: FastAPI, Starlette, Dash or Flask. Doing it again changes nothing.

    Args:
        app: The application; call this when its middleware is added, or at any later time.
        app_slug: The label of a Dash application; else the setting, the path prefix or its name.

    Returns:
        The same application.

    Raises:
        ConfigError: Nothing was configured before and the environment's settings are not valid.
        TypeError: The application is of another kind, or `app_slug` is given for one that is not
            Dash.
    """
    _state.runtime()
    face, options = _face(app), {}
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
    raise TypeError(f"can't instrument a `{type(app).__name__}`: expected one of {kinds}")
