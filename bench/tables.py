"""The benchmark's targets and its tables, as Markdown so that they can be pasted into docs/performance.md."""


def find(rows, case, concurrency=None):
    return next((row for row in rows if row["case"] == case and concurrency in (None, row.get("concurrency"))), None)


def targets(rows):
    """Each target that this run measured: name, limit, figure, whether it is met."""
    out = []

    def target(name, at_most, value, limit):
        out.append({"name": name, "limit": limit, "at_most": at_most, "value": round(value, 3), "met": value <= limit if at_most else value >= limit})

    busy = 64
    if row := find(rows, "json-1k", busy):
        target("1 KB same format: requests/s, of nginx's", False, row["patchbay"]["rps_ratio"], 0.85)
        target("1 KB same format: CPU per request, of nginx's", True, row["patchbay"]["cpu_ratio"], 1.25)
    if row := find(rows, "json-50k", busy):
        target("50 KB same format: requests/s, of nginx's", False, row["patchbay"]["rps_ratio"], 0.9)
    for case in ("json-1k", "json-16k", "json-50k", "stream-100"):
        if row := find(rows, case, busy):
            target(f"{case} translated: requests/s, of nginx's", False, row["translated"]["rps_ratio"], 0.5)
    if row := find(rows, "routed", busy):
        target("1 KB routed (key, limits, five deployments, smart): requests/s, of the plain case's", False, row["routed"]["rps_of_patchbay"], 0.85)
    if row := find(rows, "json-1k", 1):
        target("1 KB same format: added p99 at concurrency 1, µs", True, row["patchbay"]["added_p99_us"], 100)
    if row := find(rows, "first-token"):
        target("first token: added p50 at concurrency 1, µs", True, row["patchbay"]["added_first_p50_us"], 100)
    for case in ("mcp-sessions", "mcp-stateless"):
        if row := find(rows, case, busy):
            target(f"{case}, a trivial tool: requests/s, of the TypeScript SDK's server", False, row["server"]["rps_ratio"], 10)
            target(f"{case}, a trivial tool: its p99, of ours", False, row["server"]["p99_ratio"], 10)
    if row := find(rows, "memory"):
        target("idle memory, MiB", True, row["idle_mib"], 12)
        target("memory with 1,000 streams, MiB", True, row["streams_same_mib"], 40)
    if row := find(rows, "growth"):
        for name in ("patchbay", "translated"):
            for direction in ("request", "answer"):
                ms = row[f"{direction}_ms"][name]
                target(f"10 MB {direction} {name}: time, of ten times that of 1 MB", True, ms[-1] / (10 * ms[-2]), 1.3)
    return out


def show(report):
    print(f"Patchbay bench, {report['date']}, {report['version']}, {report['machine']}, load {report['load_average']}, "
          f"{report['rounds']} rounds, {report['seconds']} s\n")
    compared = [row for row in report["rows"] if "rps" in row.get("direct", {})]
    if compared:
        print("| case | conc. | proxy | requests/s | of nginx | CPU µs/request | of nginx | added p50 µs | added p99 µs |")
        print("|---|---:|---|---:|---:|---:|---:|---:|---:|")
    for row in compared:
        for name in (name for name in ("direct", "nginx", "patchbay", "translated", "routed") if name in row):
            v = row[name]
            cells = [f"{v['rps']:,.0f}"]
            cells += ["", "", "", "", ""] if name == "direct" else [
                f"{v['rps_ratio']:.2f}", f"{v['cpu_us']:.1f}", f"{v['cpu_ratio']:.2f}", f"{v['added_p50_us']:.0f}", f"{v['added_p99_us']:.0f}"]
            print(f"| {row['case']} | {row['concurrency']} | {name} | " + " | ".join(cells) + " |")
    called = [row for row in report["rows"] if row["case"].startswith("mcp-")]
    if called:
        print("| case | conc. | server | calls/s | of TypeScript's | CPU µs/call | p50 µs | p99 µs | TypeScript's p99, of it |")
        print("|---|---:|---|---:|---:|---:|---:|---:|---:|")
    for row in called:
        for name in (name for name in ("typescript", "server", "patchbay") if name in row):
            v = row[name]
            print(f"| {row['case']} | {row['concurrency']} | {name} | {v['rps']:,.0f} | {v['rps_ratio']:.1f} | {v['cpu_us']:.1f} | {v['p50_us']:.0f} | {v['p99_us']:.0f} "
                  f"| {v['p99_ratio']:.1f} |")
    if row := find(report["rows"], "first-token"):
        print("\n| first token, concurrency 1 | p50 µs | p99 µs | added p50 | added p99 |\n|---|---:|---:|---:|---:|")
        for name in ("direct", "nginx", "patchbay", "translated"):
            v = row[name]
            print(f"| {name} | {v['first_p50_us']:.0f} | {v['first_p99_us']:.0f} | {v['added_first_p50_us']:.0f} | {v['added_first_p99_us']:.0f} |")
    if row := find(report["rows"], "memory"):
        print("\n| resident memory | MiB |\n|---|---:|")
        for key, title in (("idle_mib", "idle"), ("streams_same_mib", "1,000 open streams, same format"),
                           ("streams_translated_mib", "1,000 open streams, translated"), ("after_mib", "after")):
            print(f"| {title} | {row[key]:.1f} |")
    if row := find(report["rows"], "growth"):
        print("\n| one request of, ms | " + " | ".join(f"{size / 1024:,.0f} KB" for size in row["sizes"]) + " |\n|---|" + "---:|" * len(row["sizes"]))
        for direction in ("request", "answer"):
            for name, ms in row[f"{direction}_ms"].items():
                print(f"| {direction}, {name} | " + " | ".join(f"{value:.2f}" for value in ms) + " |")
    if report["targets"]:
        print("\n| target | limit | measured | |\n|---|---:|---:|---|")
        for t in report["targets"]:
            print(f"| {t['name']} | {'≤' if t['at_most'] else '≥'} {t['limit']} | {t['value']} | {'pass' if t['met'] else 'MISS'} |")
