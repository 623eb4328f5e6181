"""What the commands that compare with a peer have in common: their options, and the report of their figures."""
import argparse
import datetime
import json
import pathlib
import platform
import subprocess
import time

import processes as ps
import tables


def options(prog, description, quick):
    """A parser with --json, --quick (`quick` says what it leaves out) and --binary."""
    parser = argparse.ArgumentParser(prog=prog, description=f"{description}; see docs/performance.md.")
    parser.add_argument("--json", metavar="FILE", help="write all figures to FILE")
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--binary", default=str(ps.ROOT / "build/release/patchbay"), help="the patchbay to measure")
    return parser


def tell(chosen, began, rounds, rows):
    """Prints the report, and writes it where --json says; `began` is of time.monotonic()."""
    report = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "version": subprocess.run([chosen.binary, "--version"], capture_output=True, text=True).stdout.strip(),
        "machine": f"{platform.machine()}, {len(ps.CORES)} cores, Linux {platform.release()}",
        "load_average": pathlib.Path("/proc/loadavg").read_text().split()[0],
        "seconds": round(time.monotonic() - began), "rounds": rounds, "rows": rows, "targets": tables.targets(rows)}
    tables.show(report)
    if chosen.json:
        pathlib.Path(chosen.json).write_text(json.dumps(report, indent=1) + "\n")
