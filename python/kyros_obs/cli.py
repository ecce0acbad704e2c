"""The command `kyros-obs`: native, but for `preview`, which is a Dash application."""

import sys

from kyros_obs import _native

_PREVIEW = "preview"


def main() -> int:
    """Run the command line of this process and return its exit code."""
    if sys.argv[1:2] == [_PREVIEW]:
        from kyros_obs.preview import command  # noqa: PLC0415 — only who previews needs it

        return command.main(sys.argv[2:])
    return _native.main(sys.argv)
