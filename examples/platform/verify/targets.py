"""Every target is up, and `/metrics` is for scrapers alone."""

import httpx

from examples.platform.verify.evidence import Evidence
from examples.platform.verify.report import Report


def check_targets(evidence: Evidence, report: Report) -> None:
    """Ask Prometheus for its targets, and the services for what no visitor may see."""
    targets = evidence.prometheus.targets()
    down = [f"{one['labels']}: {one['lastError']}" for one in targets if one["health"] != "up"]
    expected = {service.name for service in evidence.stack.services}
    seen = {
        service
        for labels, _ in evidence.prometheus.query("up == 1")
        for service in [labels.get("service")]
        if service
    }
    missing = [f"no target `{name}`" for name in sorted(expected - seen)]
    report.none_of("every target is up in Prometheus", down + missing, f"{len(targets)} targets")
    for service in evidence.stack.services:
        headers = {"X-Forwarded-For": "203.0.113.9"}
        code = httpx.get(f"{service.url}/metrics", headers=headers).status_code
        fact = f"{service.name} refuses /metrics through a proxy without the token"
        refused = code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
        report.row(fact, holds=refused, evidence=f"answered {code}")
