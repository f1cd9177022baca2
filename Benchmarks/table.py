"""The results as Markdown."""


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def ratios(scenarios, names, results):
    """CPU time a request: nginx in µs, the others as multiples of it."""
    rows = []
    for scenario in scenarios:
        base = results.get((scenario, "nginx"))
        row = [scenario]
        for name in names:
            found = results.get((scenario, name))
            if not found:
                row.append("–")
            elif name == "nginx" or not base:
                row.append(f"{found[0]:.1f}")
            else:
                row.append(f"{found[0] / base[0]:.2f}")
        rows.append(row)
    head = ["CPU a request", *(f"{n} µs" if n == "nginx" else n for n in names)]
    return markdown(head, rows)


def rates(names, results, direct):
    many, single = "h1, 13 B, 32 connections", "h1, 1 connection"
    handshake = "new TLS handshake + request"
    return markdown(
        ["", "direct", *names],
        [
            ["requests a second, h1, 32 connections", f"{direct[0]:,.0f}",
             *(f"{results[many, name][1]:,.0f}" for name in names)],
            ["latency p50 µs, h1, 1 connection", f"{direct[1]:.0f}",
             *(f"{results[single, name][2]:.0f}" for name in names)],
            ["handshakes a second", "",
             *(f"{results[handshake, name][1]:,.0f}" if (handshake, name) in results else "–"
               for name in names)],
        ],
    )


def memory(memories):
    return markdown(
        ["PSS in MiB", *memories],
        [
            ["idle", *(f"{idle:.1f}" for idle, _ in memories.values())],
            ["1,000 idle connections", *(f"{full:.1f}" for _, full in memories.values())],
        ],
    )


def ours(version, listing, routes, instructions):
    rows = [
        ["`portless --version`, start to end", f"{version:.1f} ms"],
        ["`portless list`, start to end", f"{listing:.1f} ms"],
        ["CPU a request with 1 and 1,000 routes", f"{routes[0]:.1f} and {routes[1]:.1f} µs"],
    ]
    for name, count in instructions.items():
        rows.append([f"user instructions a request, {name}", f"{count:,.0f}"])
    return markdown(["portless", ""], rows)
