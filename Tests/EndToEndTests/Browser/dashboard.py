"""Runs one test of the dashboard in a real browser: `dashboard.py NAME`, or lists them."""

import sys

import test_apps
import test_browser
import test_crashes
import test_jobs
import test_logs
import test_page
import test_ports
import test_traffic

MODULES = [test_apps, test_browser, test_crashes, test_jobs, test_logs, test_page, test_ports, test_traffic]
TESTS = {
    f"{module.__name__.removeprefix('test_')}.{name}": function
    for module in MODULES
    for name, function in vars(module).items()
    if callable(function) and getattr(function, "__module__", "") == module.__name__ and function.__doc__
}

if len(sys.argv) != 2:
    print("\n".join(TESTS))
else:
    TESTS[sys.argv[1]]()
