"""No secret in any sink, and no e-mail address where none belongs."""

import re
from collections.abc import Iterator, Mapping

from examples.platform.verify.evidence import Evidence
from examples.platform.verify.report import Report
from examples.platform.verify.sinks import Sink, sinks

_EMAIL = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
#: Segments of a token that say something; the first, its header, is the same in all.
_TELLING = slice(1, None)
_SHORTEST = 8
#: The classes of what the services try to log.
_BAIT = frozenset({"authorization", "cookie", "email", "password", "session", "token"})


def check_leaks(evidence: Evidence, report: Report) -> None:
    """Search every sink for every secret the driver has used, and for addresses."""
    secrets = pieces(evidence.ledger.secrets)
    found_secrets: list[str] = []
    found_addresses: list[str] = []
    read = 0
    for sink in sinks(evidence):
        read += 1
        found_secrets += leaked_secrets(sink, secrets)
        found_addresses += leaked_addresses(sink)
    seen = f"{len(evidence.ledger.secrets)} secrets in {read} sinks"
    report.none_of("no token, cookie or password in any sink", found_secrets, seen)
    fact = "no e-mail address outside access lines and audit rows"
    report.none_of(fact, found_addresses, f"{read} sinks")
    _check_bait(evidence, report)


def pieces(secrets: Mapping[str, str]) -> dict[str, str]:
    """Every secret, and the telling segments of tokens, with what each is."""
    found = dict(secrets)
    for value, what in secrets.items():
        segments = value.split(".")[_TELLING]
        found |= {one: f"a part of {what}" for one in segments if len(one) >= _SHORTEST}
    return found


def leaked_secrets(sink: Sink, secrets: Mapping[str, str]) -> Iterator[str]:
    """What of the secrets is in a sink."""
    for value, what in secrets.items():
        at = sink.text.find(value)
        if at >= 0:
            yield f"{what} in {sink.name}: {sink.text[max(at - 60, 0) : at + 20]!r}"


def leaked_addresses(sink: Sink) -> Iterator[str]:
    """E-mail addresses in a sink, beside the fields made for them."""
    text = sink.text
    for field in sink.personal:
        text = text.replace(field, "").replace(field.replace('":"', '": "'), "")
    for match in _EMAIL.finditer(text):
        yield f"{match[0]} in {sink.name}: {text[max(match.start() - 60, 0) : match.end()]!r}"


def _check_bait(evidence: Evidence, report: Report) -> None:
    """The services did try to log secrets and addresses: else the silence would prove nothing."""
    redacted = evidence.prometheus.query("sum by (class) (kyros_log_redactions_total) > 0")
    classes = sorted(labels["class"] for labels, _ in redacted)
    total = int(sum(value for _, value in redacted))
    untried = [f"nothing of class `{one}` was redacted" for one in sorted(_BAIT - set(classes))]
    seen = f"{total} redactions: {', '.join(classes)}"
    report.none_of("the services tried to leak, and were kept from it", untried, seen)
