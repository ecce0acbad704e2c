"""The vocabulary that every signal has to keep to: the schema with the platform's overlay."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = Path(__file__).parents[2] / "crates" / "kyros-schema" / "schema.toml"


@dataclass(frozen=True)
class FieldRule:
    """The type of a log field's value, and whether every line has to have it."""

    kind: str
    required: bool


class Vocabulary:
    """The parts of the schema that checks need."""

    def __init__(self, overlay: Path) -> None:
        documents = [tomllib.loads(path.read_text()) for path in (_SCHEMA, overlay)]
        self.fields = {
            name: FieldRule(row["kind"], row.get("required", False))
            for document in documents
            for name, row in document.get("field", {}).items()
        }
        self.metrics = {name for document in documents for name in document.get("metric", {})}
        self.recordings = {name for document in documents for name in document.get("recording", {})}
        self.exporters = {name for document in documents for name in document.get("exporter", {})}
        self.paging = [
            name for name, row in documents[0]["alert"].items() if row["severity"] == "page"
        ]
