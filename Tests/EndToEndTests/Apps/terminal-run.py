"""Runs a command at a terminal of its own, shows what appears there, and ends with its code."""

import os
import pty
import sys

sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], stdin_read=lambda fd: b"")))
