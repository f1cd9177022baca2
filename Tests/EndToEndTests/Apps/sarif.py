"""Checks what the schema of SARIF 2.1.0 requires of a report: sarif.py REPORT URI."""

import json
import sys

report = json.load(open(sys.argv[1]))
LEVELS = {"none", "note", "warning", "error"}


def only(value, allowed, required=()):
    assert isinstance(value, dict) and set(required) <= set(value) <= set(allowed), value


only(report, {"$schema", "version", "runs"}, {"version", "runs"})
assert report["version"] == "2.1.0"
for run in report["runs"]:
    only(run, {"tool", "results", "columnKind"}, {"tool"})
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    only(run["tool"], {"driver", "extensions"}, {"driver"})
    driver = run["tool"]["driver"]
    only(driver, {"name", "version", "rules"}, {"name"})
    identifiers = [rule["id"] for rule in driver["rules"]]
    assert len(identifiers) == len(set(identifiers))
    for rule in driver["rules"]:
        only(rule, {"id", "shortDescription", "defaultConfiguration"}, {"id"})
        only(rule["shortDescription"], {"text"}, {"text"})
        assert rule["defaultConfiguration"]["level"] in LEVELS
    assert run["results"]
    for result in run["results"]:
        only(result, {"ruleId", "ruleIndex", "level", "message", "locations"}, {"message"})
        only(result["message"], {"text"}, {"text"})
        assert identifiers[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in LEVELS
        for location in result["locations"]:
            only(location, {"physicalLocation"})
            place = location["physicalLocation"]
            only(place, {"artifactLocation", "region"}, {"artifactLocation"})
            assert place["artifactLocation"]["uri"] == sys.argv[2], place
            assert place["region"]["startLine"] >= 1
print("valid")
