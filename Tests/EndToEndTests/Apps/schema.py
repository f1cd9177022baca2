"""Checks a JSON document: schema.py SCHEMA FILE [lines].

With `lines`, each line is a document. Then it checks the schema: without any one of its required
members, or with a member under a wrong name, a document has to be refused.
"""

import copy
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
text = open(sys.argv[2]).read()
documents = [json.loads(line) for line in text.splitlines()] if len(sys.argv) > 3 else [json.loads(text)]
assert documents, "nothing to check"


# What a schema leaves open.
ANYTHING = {"type": "object"}


def places(value, path=()):
    """The paths of all members of objects in the document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield path + (key,)
        yield from places(part, path + (key,))


def renamed(document, path):
    """A copy in which one member has another name, or None for an item of a list."""
    result = copy.deepcopy(document)
    parent = result
    for key in path[:-1]:
        parent = parent[key]
    if not isinstance(parent, dict):
        return None
    parent[f"{path[-1]}X"] = parent.pop(path[-1])
    return result


def is_free(path):
    """Whether the user chooses the names of the members here, such as labels."""
    node = [schema]
    for key in path[:-1]:
        node = [part for parent in node for part in step(parent, key)]
    return any(free(part, path[-1]) for part in node)


def resolved(node):
    if "$ref" in node:
        yield from resolved(schema["$defs"][node["$ref"].split("/")[-1]])
    for choice in node.get("anyOf", []):
        yield from resolved(choice)
    yield node


def step(node, key):
    for part in resolved(node):
        if part is ANYTHING:
            yield ANYTHING
        elif isinstance(key, int):
            yield from [part["items"]] if "items" in part else []
        elif key in part.get("properties", {}):
            yield part["properties"][key]
        elif isinstance(part.get("additionalProperties"), dict):
            yield part["additionalProperties"]
        elif part.get("type") == "object" and "additionalProperties" not in part:
            yield ANYTHING


def free(node, key):
    return any(
        part.get("type") == "object"
        and part.get("additionalProperties", True) is not False
        and key not in part.get("required", [])
        for part in resolved(node)
    )


checked = 0
for document in documents:
    validator.validate(document)
    for path in places(document):
        wrong = renamed(document, path)
        if wrong is None or is_free(path):
            continue
        assert not validator.is_valid(wrong), f"{path} may be called otherwise"
        checked += 1
print(f"passed, {checked} members")
