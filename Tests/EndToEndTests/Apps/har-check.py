"""Checks HAR files against the members that the HAR 1.2 specification defines; our own begin with _.

Usage: har-check.py FILE, prints the number of entries.
"""

import json
import sys

import jsonschema


def members(required, optional=None):
    properties = {**required, **(optional or {}), "comment": {"type": "string"}}
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "patternProperties": {"^_": {}},
        "additionalProperties": False,
    }


TEXT = {"type": "string"}
NUMBER = {"type": "number"}
SIZE = {"type": "integer", "minimum": -1}
TIME = {"type": "number", "minimum": -1}
DATE = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}
URL = {"type": "string", "pattern": r"^(https?|wss?)://[!-~]+$"}


def list_of(schema):
    return {"type": "array", "items": schema}


PAIRS = list_of(members({"name": TEXT, "value": TEXT}))
COOKIES = list_of(
    members(
        {"name": TEXT, "value": TEXT},
        {
            "path": TEXT,
            "domain": TEXT,
            "expires": TEXT,
            "httpOnly": {"type": "boolean"},
            "secure": {"type": "boolean"},
        },
    )
)
REQUEST = members(
    {
        "method": TEXT,
        "url": URL,
        "httpVersion": TEXT,
        "cookies": COOKIES,
        "headers": PAIRS,
        "queryString": PAIRS,
        "headersSize": SIZE,
        "bodySize": SIZE,
    },
    {"postData": members({"mimeType": TEXT}, {"text": TEXT, "params": PAIRS})},
)
RESPONSE = members(
    {
        "status": {"type": "integer"},
        "statusText": TEXT,
        "httpVersion": TEXT,
        "cookies": COOKIES,
        "headers": PAIRS,
        "content": members(
            {"size": SIZE, "mimeType": TEXT},
            {"text": TEXT, "encoding": TEXT, "compression": {"type": "integer"}},
        ),
        "redirectURL": TEXT,
        "headersSize": SIZE,
        "bodySize": SIZE,
    }
)
ENTRY = members(
    {
        "startedDateTime": DATE,
        "time": {"type": "number", "minimum": 0},
        "request": REQUEST,
        "response": RESPONSE,
        "cache": members({}),
        "timings": members({"send": TIME, "wait": TIME, "receive": TIME}),
    },
    {"pageref": TEXT, "serverIPAddress": TEXT, "connection": TEXT},
)
HAR = members(
    {
        "log": members(
            {
                "version": {"const": "1.2"},
                "creator": members({"name": TEXT, "version": TEXT}),
                "entries": list_of(ENTRY),
            },
            {"browser": members({"name": TEXT, "version": TEXT}), "pages": list_of({})},
        )
    }
)

with open(sys.argv[1], encoding="utf-8") as file:
    archive = json.load(file)
jsonschema.validate(archive, HAR)
print(len(archive["log"]["entries"]))
