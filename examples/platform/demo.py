"""`make demo`: the platform up and in use, until Ctrl-C.

Most of the time users work in peace; now and then they don't, and the team channel is told.
"""

import argparse
import os
import sys
import threading
import time
from pathlib import Path

import httpx
import psycopg

from examples.platform.launch.assets import OVERLAY
from examples.platform.launch.processes import LaunchError, Processes
from examples.platform.launch.stack import Options, Stack, empty, start_stack
from examples.platform.summary import addresses, summary
from examples.platform.traffic.driver import Driver, after
from examples.platform.traffic.ledger import Ledger
from examples.platform.traffic.scenarios import Scenarios
from examples.platform.traffic.users import Users

RUN_DIRECTORY = Path(".run")
_STEPS_PER_SECOND = 12.0
_CALM_SECONDS = 90.0
_BREACH_SECONDS = 40.0
_REFRESH_SECONDS = 5.0


def main() -> int:
    """Start, stay up, and take down what was started."""
    arguments = _arguments()
    options = Options(
        directory=empty(RUN_DIRECTORY / "demo"),
        overlay=arguments.overlay,
        dsn=arguments.dsn,
        usual_ports=True,
    )
    try:
        with Processes(options.directory / "logs") as processes:
            stack = start_stack(processes, options, _announce)
            _stay_up(processes, stack, arguments.seed)
    except LaunchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped all that was started")
    return 0


def _stay_up(processes: Processes, stack: Stack, seed: int) -> None:
    ledger = Ledger()
    users = Users({service.name: service.url for service in stack.services}, stack.store, ledger)
    driver = Driver(ledger, _STEPS_PER_SECOND)
    traffic = threading.Thread(target=_use, args=(driver, users, seed), daemon=True)
    traffic.start()
    try:
        while True:
            processes.check_alive()
            _show(stack, ledger)
            time.sleep(_REFRESH_SECONDS)
    finally:
        driver.stop()
        traffic.join()


def _use(driver: Driver, users: Users, seed: int) -> None:
    scenarios = Scenarios(users, seed)
    while not driver.stopped:
        users.sign_in()
        driver.play(scenarios.calm, after(_CALM_SECONDS))
        driver.play(scenarios.breach, after(_BREACH_SECONDS))


def _show(stack: Stack, ledger: Ledger) -> None:
    try:
        text = summary(stack)
    except (httpx.HTTPError, psycopg.Error) as error:
        text = f"no summary now: {error}"
    clear = "\033[2J\033[H" if sys.stdout.isatty() else ""
    print(f"{clear}{addresses(stack)}\n\n{text}", flush=True)
    for surprise in ledger.surprises[-3:]:
        print(f"  surprise: {surprise}", flush=True)
    print("\nCtrl-C stops everything", flush=True)


def _announce(what: str) -> None:
    print(f"  {what}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dsn", default=os.environ.get("KYROS_EXAMPLE_DSN"), help="a PostgreSQL")
    parser.add_argument("--overlay", type=Path, default=OVERLAY, help="thresholds and windows")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
