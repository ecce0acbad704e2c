"""Every spec metric, read from Prometheus, equals the driver's own count."""

from collections import Counter
from collections.abc import Mapping

from examples.platform.tenants import TENANTS
from examples.platform.verify.evidence import Evidence
from examples.platform.verify.report import Report

Counts = Mapping[tuple[str, ...], int]

#: Prometheus itself asks for these, so that the driver can't know how often.
_OUR_OWN = "/metrics"

#: Routes that look a tenant up.
_OF_TENANT = "/api/tenant/"

_REQUEST = ("service", "endpoint", "method", "code", "tenant_id")
_DURATION = ("service", "endpoint", "method", "tenant_id")
_SIZE = ("service", "endpoint", "tenant_id")
_CALLBACK = ("app_slug", "callback", "tenant_id")


def check_metrics(evidence: Evidence, report: Report) -> None:
    """Hold each family against the books, series by series."""
    ledger = evidence.ledger
    requests = Counter({tuple(key): count for key, count in ledger.requests.items()})
    callbacks = Counter({tuple(key): count for key, count in ledger.callbacks.items()})
    events = Counter({tuple(key): count for key, count in ledger.events.items()})
    failed = {key: count for key, count in callbacks.items() if key[3] in {"error", "handled"}}
    sent_bytes = {tuple(key): size for key, size in ledger.body_bytes.items()}
    durations = _without(requests, 3)
    sizes = _without(_without(requests, 3), 2)
    families: list[tuple[str, tuple[str, ...], Counts]] = [
        ("http_requests_total", _REQUEST, requests),
        ("http_request_duration_seconds_count", _DURATION, durations),
        ("http_response_size_bytes_sum", _SIZE, sent_bytes),
        ("http_response_size_bytes_count", _SIZE, sizes),
        ("dash_callback_duration_seconds_count", _CALLBACK, _without(callbacks, 3)),
        ("dash_callbacks_total", (*_CALLBACK, "outcome"), callbacks),
        ("dash_callback_errors_total", _CALLBACK, _without(failed, 3)),
        ("kyros_events_total", ("service", "event", "outcome", "tenant_id"), events),
    ]
    for name, labels, expected in families:
        _check_family(evidence, report, name, labels, expected)
    _check_buckets(evidence, report, durations)
    _check_waiting(evidence, report, requests)
    report.none_of("the services answered as the driver expected", ledger.surprises, "no surprise")


def _check_family(
    evidence: Evidence, report: Report, name: str, labels: tuple[str, ...], expected: Counts
) -> None:
    seen = _seen(evidence, name, labels)
    wrong = [
        f"{dict(zip(labels, key, strict=True))}: {seen.get(key, 0)}, driver {expected.get(key, 0)}"
        for key in sorted({*expected, *seen})
        if seen.get(key, 0) != expected.get(key, 0)
    ]
    fact = f"{name} equals the driver's counts"
    total = sum(expected.values())
    report.none_of(fact, wrong, f"{len(expected)} series, sum {total}, {_tenants(labels, seen)}")


def _seen(evidence: Evidence, name: str, labels: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    by = ", ".join(labels)
    samples = evidence.prometheus.query(f'sum by ({by}) ({name}{{endpoint!="{_OUR_OWN}"}})')
    counts = {tuple(sample.get(one, "") for one in labels): value for sample, value in samples}
    return {key: int(value) for key, value in counts.items() if value}


def _tenants(labels: tuple[str, ...], seen: Counts) -> str:
    """Name the tenants for which a family has series."""
    at = labels.index("tenant_id")
    found = {key[at] for key in seen}
    return "tenants: " + ", ".join(tenant.slug for tenant in TENANTS if tenant.id in found)


def _check_buckets(evidence: Evidence, report: Report, expected: Counts) -> None:
    """The last bucket of each histogram holds all its observations."""
    name = "http_request_duration_seconds_bucket"
    samples = evidence.prometheus.query(f'{name}{{le="+Inf", endpoint!="{_OUR_OWN}"}}')
    total = int(sum(value for _, value in samples))
    driver = sum(expected.values())
    fact = f"{name} holds every request"
    report.row(fact, holds=total == driver, evidence=f"{total} of {driver}")


def _check_waiting(evidence: Evidence, report: Report, requests: Counts) -> None:
    """Each answer about a tenant is a look into the directory, for which a statement was waited."""
    answers = Counter[str]()
    for (_, endpoint, _, code, tenant), count in requests.items():
        if endpoint.startswith(_OF_TENANT) and code == "200":
            answers[tenant] += count
    looks = _by_tenant(evidence, 'cache_requests_total{cache="directory"}')
    statements = _by_tenant(evidence, 'db_query_duration_seconds_count{operation="select"}')
    wrong = [
        f"{tenant}: {count} answers, {looks[tenant]} looks, {statements[tenant]} statements"
        for tenant, count in answers.items()
        if not 0 < count <= looks[tenant] <= statements[tenant]
    ]
    seen = f"{answers.total()} answers, {looks.total()} looks, {statements.total()} statements"
    report.none_of("what requests wait for is counted for their tenant", wrong, seen)


def _by_tenant(evidence: Evidence, selector: str) -> Counter[str]:
    samples = evidence.prometheus.query(f"sum by (tenant_id) ({selector})")
    return Counter({sample["tenant_id"]: int(value) for sample, value in samples})


def _without(counts: Counts, position: int) -> dict[tuple[str, ...], int]:
    """Sum over one label."""
    summed: Counter[tuple[str, ...]] = Counter()
    for key, count in counts.items():
        summed[key[:position] + key[position + 1 :]] += count
    return dict(summed)
