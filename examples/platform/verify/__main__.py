"""`make verify`: run once on free ports, check every claim, exit 0 only if all hold."""

import argparse
import os
import sys
import time
from pathlib import Path

from examples.platform.launch.assets import OVERLAY
from examples.platform.launch.processes import LaunchError, Processes
from examples.platform.launch.stack import Options, empty, start_stack
from examples.platform.traffic.ledger import Ledger
from examples.platform.verify.alerts import check_alerts
from examples.platform.verify.audit_rows import check_audit_rows
from examples.platform.verify.evidence import Evidence
from examples.platform.verify.leaks import check_leaks
from examples.platform.verify.log_lines import check_log_lines
from examples.platform.verify.metrics import check_metrics
from examples.platform.verify.panels import check_panels
from examples.platform.verify.report import Report
from examples.platform.verify.scenario import play
from examples.platform.verify.targets import check_targets
from examples.platform.verify.workers import check_workers
from examples.platform.vocabulary import Vocabulary

#: The refusals that `check_targets` asks for are counted, so that it comes after the counts.
_CHECKS = (
    check_workers,
    check_metrics,
    check_targets,
    check_log_lines,
    check_audit_rows,
    check_alerts,
    check_panels,
    check_leaks,
)


def main() -> int:
    """Run and check."""
    arguments = _arguments()
    directory = empty(Path(".run") / "verify")
    options = Options(directory=directory, overlay=arguments.overlay, dsn=arguments.dsn)
    try:
        with Processes(directory / "logs") as processes:
            return _verify(processes, options, arguments.seed)
    except LaunchError as error:
        print(f"error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ninterrupted; stopped all that was started", file=sys.stderr)
    return 2


def _verify(processes: Processes, options: Options, seed: int) -> int:
    stack = start_stack(processes, options, _announce)
    ledger = Ledger()
    alerts, deaths = play(stack, ledger, seed, _announce)
    processes.check_alive()
    vocabulary = Vocabulary(options.overlay)
    evidence = Evidence(stack, ledger, stack.prometheus, vocabulary, alerts, deaths)
    report = Report()
    for check in _CHECKS:
        check(evidence, report)
    return report.conclude()


def _announce(what: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')}  {what}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="verify", description=__doc__)
    parser.add_argument("--dsn", default=os.environ.get("KYROS_EXAMPLE_DSN"), help="a PostgreSQL")
    parser.add_argument("--overlay", type=Path, default=OVERLAY, help="thresholds and windows")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
