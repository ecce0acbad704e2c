"""The alerts fire in the breach, reach the team channel, and leave people alone in the calm."""

from examples.platform.launch.receiver import notifications
from examples.platform.verify.evidence import Evidence
from examples.platform.verify.report import Report
from examples.platform.verify.scenario import BREACHED


def check_alerts(evidence: Evidence, report: Report) -> None:
    """Compare what fired with what had to."""
    history = evidence.alerts
    report.none_of("no alert fires in the calm", sorted(history.in_calm), "none fired")
    fact = "nothing reaches the team channel in the calm"
    report.none_of(fact, sorted(history.notified_in_calm), "no notification")
    received = _received(evidence)
    for name in sorted(BREACHED):
        fired = name in history.in_breach
        report.row(
            f"{name} fires in the breach", holds=fired, evidence=str(sorted(history.in_breach))
        )
        alert = received.get(name, {})
        runbook = alert.get("annotations", {}).get("runbook_url", "")
        fact = f"{name} reaches the team channel with its runbook"
        report.row(fact, holds=bool(alert and runbook), evidence=runbook or "not received")
    unexpected = sorted((history.in_breach | received.keys()) - BREACHED)
    report.none_of("no other alert fires in the breach", unexpected, "none fired")


def _received(evidence: Evidence) -> dict[str, dict[str, dict[str, str]]]:
    """The firing alerts of all notifications, by name."""
    return {
        alert["labels"]["alertname"]: alert
        for notification in notifications(evidence.stack.notifications)
        for alert in notification["alerts"]  # type: ignore[attr-defined]
        if alert["status"] == "firing"
    }
