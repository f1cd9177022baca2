"""Checks HAR files against the published schemas of HAR 1.2 (har-schema); our own members begin with _.

Usage: har-check.py FILE, prints the number of entries.
"""

import datetime
import json
import pathlib
import re
import sys

import jsonschema
import referencing

FOLDER = pathlib.Path(__file__).parent / "har-schema"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
FORMATS = jsonschema.FormatChecker(["ipv4", "ipv6"])


@FORMATS.checks("date-time")
def is_time(text):
    return isinstance(text, str) and datetime.datetime.fromisoformat(text).tzinfo is not None


@FORMATS.checks("uri")
def is_url(text):
    return re.fullmatch(r"(https?|wss?)://[!-~]+", text) is not None


def close(schema):
    """The same, strictly: no member that the format doesn't know; the schemas themselves allow any."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: close(value) for key, value in schema.items()}
    if schema.get("type") == "object" or "properties" in schema and "required" in schema:
        closed |= {"additionalProperties": False, "patternProperties": {"^_": {}}}
    # Where the published text has a word that JSON Schema doesn't know.
    if "min" in schema and not isinstance(schema["min"], dict):
        closed["minimum"] = schema["min"]
    return closed


def validate(archive, schemas):
    resources = [(name, referencing.Resource.from_contents(schema)) for name, schema in schemas.items()]
    jsonschema.Draft6Validator(
        schemas["har.json"], registry=referencing.Registry().with_resources(resources), format_checker=FORMATS
    ).validate(archive)


with open(sys.argv[1], encoding="utf-8") as file:
    archive = json.load(file)
validate(archive, SCHEMAS)
validate(archive, {name: close(schema) for name, schema in SCHEMAS.items()})
assert archive["log"]["version"] == "1.2", archive["log"]["version"]
print(len(archive["log"]["entries"]))
