"""Read an exposition on standard input with prometheus_client and print what it says.

One line for each family and for each sample; texts as hex, so that nothing needs escaping.
"""

import sys

from prometheus_client import openmetrics, parser
from prometheus_client.openmetrics import parser as openmetrics_parser


def main(form: str) -> None:
    """Parse standard input in the format and print it."""
    text = sys.stdin.buffer.read().decode()
    parse = openmetrics_parser if form == "openmetrics" else parser
    for family in parse.text_string_to_metric_families(text):
        print("family", family.name, family.type, family.unit or "-", family.documentation.encode().hex())
        for sample in family.samples:
            labels = (f"{name}={value.encode().hex()}" for name, value in sorted(sample.labels.items()))
            print("sample", sample.name, *labels, repr(float(sample.value)), exemplar(sample))


def exemplar(sample: object) -> str:
    """The sample's exemplar, or a dash."""
    found = sample.exemplar
    return f"{found.labels['trace_id']}/{found.value!r}/{float(found.timestamp)!r}" if found else "-"


if __name__ == "__main__":
    main(sys.argv[1])
