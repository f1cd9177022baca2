"""Holds every example of a portless.json in the repository against its schema: REPOSITORY."""

import glob
import json
import re
import sys

import jsonschema

root = sys.argv[1]
schema = json.load(open(f"{root}/docs/portless.schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
count = 0


def check(text, place, is_good=True):
    global count
    errors = list(validator.iter_errors(json.loads(text)))
    if is_good == bool(errors):
        sys.exit(f"{place}: {errors[0].message if errors else 'accepted'}\n{text}")
    count += 1


for path in [f"{root}/README.md"] + glob.glob(f"{root}/docs/*.md"):
    text = open(path).read()
    # The sentence before a block says whose it is; indented blocks are examples, too.
    for before, block in re.findall(r"([^\n]*)\n\n```json\n(.*?)```", text, re.S):
        if "portless.json" in before:
            check(block, path)
    for before, block in re.findall(r"([^\n]*)\n\n((?:    [^\n]*\n)+)", text):
        if "portless.json" in before and block.strip().startswith("{"):
            check(block, path)
for path in glob.glob(f"{root}/Tests/**/portless.json", recursive=True):
    if "broken" not in path:
        # Comments are allowed in it, and no part of JSON.
        check(re.sub(r"\s//.*", "", open(path).read()), path)
assert count >= 6, f"only {count} examples were found"
for bad in ['{"port": 0}', '{"https": 1}', '{"tld": []}', '{"unprivileged": true, "port": 443}', '{"nmae": "x"}',
            '{"processes": {"web": 5}}', '{"health": "x"}', '{"ports": {"1": 5}}', '{"apps": {"a": {"https": true}}}']:
    check(bad, "a mistake", is_good=False)
for good in ["{}", '{"ports": ["ui", "api"]}', '{"ports": {"api": "auto", "db": {"port": 5432, "http": false}}}',
             '{"$schema": "x", "tld": ["a", "b.c"], "unprivileged": true, "port": 8443, "syncHosts": false}',
             '{"health": {"path": "/h", "status": ["2xx", 204, "200-399"], "interval": "1s", "timeout": 3000}}']:
    check(good, "an example")
print(f"passed {count}")
