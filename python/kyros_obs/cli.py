"""The command `kyros-obs`; everything it does is native."""

import sys

from kyros_obs import _native


def main() -> int:
    """Run the command line of this process and return its exit code."""
    return _native.main(sys.argv)
