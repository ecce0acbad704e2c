"""Read an exposition on standard input with prometheus_client and write what it says.

One line for each family and for each sample; texts as hex, so that nothing needs escaping.
"""

import sys
from collections.abc import Iterator

from prometheus_client import Metric, parser
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.samples import Sample


def main(form: str) -> None:
    """Parse standard input in the format and write it, line by line."""
    text = sys.stdin.buffer.read().decode()
    parse = openmetrics_parser if form == "openmetrics" else parser
    for family in parse.text_string_to_metric_families(text):
        sys.stdout.writelines(f"{line}\n" for line in lines(family))


def lines(family: Metric) -> Iterator[str]:
    """Give the family's line and its samples'."""
    yield f"family {family.name} {family.type} {family.unit or '-'} {hexed(family.documentation)}"
    for sample in family.samples:
        labels = (f"{name}={hexed(value)}" for name, value in sorted(sample.labels.items()))
        yield " ".join(
            ["sample", sample.name, *labels, repr(float(sample.value)), exemplar(sample)]
        )


def exemplar(sample: Sample) -> str:
    """Give the sample's exemplar, or a dash."""
    found = sample.exemplar
    if found is None:
        return "-"
    seconds = "-" if found.timestamp is None else repr(float(found.timestamp))
    return f"{found.labels['trace_id']}/{found.value!r}/{seconds}"


def hexed(text: str) -> str:
    """Give the text's UTF-8 in hex."""
    return text.encode().hex()


if __name__ == "__main__":
    main(sys.argv[1])
