#!/usr/bin/env python3
"""Tailscale as far as the server asks it, in the mood that the files in FAKE_TAILSCALE give it.

`days` says how many of a certificate's 90 days are left, `fails` and `hangs` what it does instead.
"""
import os
import subprocess
import sys
import time

mood = os.environ["FAKE_TAILSCALE"]
name = "box.tail.ts.net"

if sys.argv[1] == "status":
    print('{"BackendState":"Running","Self":{"DNSName":"%s."}}' % name)
    sys.exit()

# tailscale cert --cert-file <file> --key-file <file> <name>
certificate, key = sys.argv[3], sys.argv[5]
with open(f"{mood}/asked", "a") as asked:
    asked.write("once\n")
if os.path.exists(f"{mood}/fails"):
    sys.exit("too many certificates")
if os.path.exists(f"{mood}/hangs"):
    # With a child of its own, which has to end as well.
    subprocess.run(["sleep", "1000"])
with open(f"{mood}/days") as file:
    end = time.time() + int(file.read()) * 86400


def when(seconds):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(seconds))


with open(f"{mood}/openssl.cnf", "w") as file:
    file.write(
        f"[ca]\ndefault_ca=c\n[c]\ndatabase={mood}/index\nnew_certs_dir={mood}\nrand_serial=yes\n"
        "policy=p\ndefault_md=sha256\nunique_subject=no\ncopy_extensions=copy\n"
        "[p]\ncommonName=supplied\n"
    )
open(f"{mood}/index", "w").close()
request = f"{mood}/request.pem"
options = {"check": True, "stderr": subprocess.DEVNULL}
subprocess.run(
    ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    + ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    + ["-keyout", key, "-out", request],
    **options,
)
subprocess.run(
    ["openssl", "ca", "-batch", "-selfsign", "-config", f"{mood}/openssl.cnf", "-notext"]
    + ["-keyfile", key, "-in", request, "-out", certificate]
    + ["-startdate", when(end - 90 * 86400), "-enddate", when(end)],
    **options,
)
