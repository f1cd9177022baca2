#!/usr/bin/env python3
"""How long `portless ports detect` takes in a repository of 10,000 files.

detect.py --binary PATH [--rounds 15]

Prints medians for a monorepo of 100 packages with node_modules beside them, and for one folder that
only git ignores; wall time of the whole command, start-up included.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time


def write(path, text=""):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def repository(root, packages=100, files=100):
    """100 packages of 100 files each, every one with a port of its own."""
    write(f"{root}/package.json", json.dumps({"name": "big", "workspaces": ["packages/*"]}))
    write(f"{root}/.gitignore", "generated/\n")
    for package in range(packages):
        folder = f"{root}/packages/p{package}"
        script = {"name": f"p{package}", "scripts": {"dev": f"vite --port {20000 + package}"}}
        write(f"{folder}/package.json", json.dumps(script))
        for number in range(files - 1):
            write(f"{folder}/src/file{number}.ts", "export const port = 1;\n")


def unowned(root, count=10_000):
    """What is not the project's: packages that were installed, and what git ignores."""
    for number in range(count // 2):
        write(f"{root}/node_modules/m{number % 500}/file{number}.js", "module.exports = 1;\n")
        write(f"{root}/generated/g{number % 50}/file{number}.ts")


def median(binary, root, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = subprocess.run([binary, "ports", "detect", root, "--json"], capture_output=True)
        times.append(time.perf_counter() - start)
        assert len(json.loads(result.stdout)["processes"]) == 100
    return statistics.median(times) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        repository(root)
        print(f"10,000 files                        {median(options.binary, root, options.rounds):6.1f} ms")
        unowned(root)
        print(f"10,000 more that are not its own    {median(options.binary, root, options.rounds):6.1f} ms")


main()
