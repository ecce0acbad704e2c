"""`python -m kyros_obs`: the command `kyros-obs`."""

import sys

from kyros_obs.cli import main

if __name__ == "__main__":
    sys.exit(main())
