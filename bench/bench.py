#!/usr/bin/env python3
"""Measures Patchbay against nginx's proxy_pass and against no proxy at all, in one run (docs/performance.md).

    ./dev bench [CASE] [--quick] [--json FILE]      CASE: json-1k json-16k json-50k stream-100 routed memory growth
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import command
import processes as ps

SIZES = {"json-1k": 1024, "json-16k": 16 * 1024, "json-50k": 50 * 1024}
CASES = [*SIZES, "stream-100", "routed", "memory", "growth"]
GROWTH = [1 << 10, 100 << 10, 1 << 20, 10 << 20]
STREAMS = 1000

SENTENCE = 'Please look at the "second" paragraph again and say, in plain words, what the author meant by it.\n'


def request_body(model, size, stream=False):
    """A conversation of about `size` bytes as agents send them: a system prompt, then turns of some hundred bytes each."""
    body = {"model": model, "messages": [{"role": "system", "content": "You are a careful assistant. " * 4}], "temperature": 0.7, "max_tokens": 512}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    turns = body["messages"]
    turn = SENTENCE * (4 if size < 200_000 else 100)
    left = size - len(json.dumps(body))
    while left > 0:
        text = turn[:max(1, left - 60)]
        turns.append({"role": "assistant" if len(turns) % 2 == 0 else "user", "content": text})
        left -= len(json.dumps(turns[-1])) + 2
    turns[-1]["role"] = "user"
    return json.dumps(body)


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.tools = pathlib.Path(options.binary).resolve().parent
        self.seconds, self.rounds = (1, 2) if options.quick else (1, 5)
        self.concurrency = [1, 64] if options.quick else [1, 8, 64]
        self.upstream = ps.start_upstream(self.tools, folder)
        self.patchbay = ps.start_patchbay(str(pathlib.Path(options.binary).resolve()), self.upstream.port, folder)
        self.routed = ps.start_routed(str(pathlib.Path(options.binary).resolve()), self.upstream.port, folder)
        self.nginx = self.nginx_stream = None
        if not options.train:
            self.nginx = ps.start_nginx("nginx", self.upstream.port, folder, "")
            self.nginx_stream = ps.start_nginx("nginx-stream", self.upstream.port, folder, "proxy_buffering off; proxy_request_buffering off;")
        time.sleep(0.3)
        self.idle_mib = self.patchbay.memory_mib()

    def stop(self):
        for process in (self.patchbay, self.routed, self.nginx, self.nginx_stream, self.upstream):
            if process:
                process.stop()

    def body(self, name, *args, **more):
        path = self.folder / f"{name}.json"
        path.write_text(request_body(*args, **more))
        return path

    def once(self, process, body, connections, own_client):
        """One measurement: requests/s, latencies, CPU microseconds a request of the process under test."""
        before = process.cpu_seconds()
        if own_client:
            result = ps.run_load(self.tools, process, body, connections, self.seconds)
        else:
            result = ps.run_wrk(process, body, connections, self.seconds)
        # bench_load does not count its first tenth, which did cost CPU.
        requests = result["requests"] / 0.9 if own_client else result["requests"]
        return result | {"cpu_us": (process.cpu_seconds() - before) / requests * 1e6}

    def compare(self, case):
        """All targets one after the other in each round, so that a busy machine hits them alike; medians over the rounds."""
        stream = case == "stream-100"
        size = SIZES.get(case, 1024)
        model = "bench-events" if stream else f"bench-{size}"
        same = self.body(f"{case}-same", f"up/{model}", size, stream=stream)
        translated = self.body(f"{case}-translated", f"ant/{model}", size, stream=stream)
        targets = {"direct": (self.upstream, same), "nginx": (self.nginx_stream if stream else self.nginx, same),
                   "patchbay": (self.patchbay, same), "translated": (self.patchbay, translated)}
        if case == "routed":
            del targets["translated"]
            targets["routed"] = (self.routed, same)
        rows = []
        for connections in self.concurrency:
            own_client = connections == 1
            rounds = []
            for _ in range(self.rounds):
                rounds.append({name: self.once(process, body, connections, own_client) for name, (process, body) in targets.items()})
                print(".", end="", file=sys.stderr, flush=True)
            rows.append(summary(case, connections, rounds, targets))
        if stream:
            rows.append(self.first_token())
        return rows

    def first_token(self):
        """Delay of a stream's first event at concurrency 1; the provider sends it at once and the rest 2 ms later."""
        targets = {"direct": (self.upstream, "up"), "nginx": (self.nginx_stream, "up"), "patchbay": (self.patchbay, "up"), "translated": (self.patchbay, "ant")}
        rounds = []
        for _ in range(self.rounds):
            rounds.append({name: ps.run_load(self.tools, process, self.body(f"first-{provider}", f"{provider}/bench-first", 1024, stream=True), 1, self.seconds)
                           for name, (process, provider) in targets.items()})
        row = {"case": "first-token", "concurrency": 1}
        for name in targets:
            row[name] = {key: statistics.median(r[name][key] for r in rounds) for key in ("first_p50_us", "first_p99_us")}
            row[name]["added_first_p50_us"] = statistics.median(r[name]["first_p50_us"] - r["direct"]["first_p50_us"] for r in rounds)
            row[name]["added_first_p99_us"] = statistics.median(r[name]["first_p99_us"] - r["direct"]["first_p99_us"] for r in rounds)
        return row

    def memory(self):
        """Resident memory before any request, with 1,000 open streams of each kind, and after."""
        row = {"case": "memory", "idle_mib": self.idle_mib}
        for name, provider in (("same", "up"), ("translated", "ant")):
            body = self.body(f"slow-{provider}", f"{provider}/bench-slow", 1024, stream=True)
            load = subprocess.Popen([str(self.tools / "bench_load"), "hold", str(self.patchbay.port), str(body), str(STREAMS)],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            if load.stdout.readline().strip() != "open":
                raise SystemExit("1,000 streams could not be opened")
            time.sleep(2.5)  # two more events on each
            row[f"streams_{name}_mib"] = self.patchbay.memory_mib()
            load.stdin.close()
            if load.wait(30) != 0:
                raise SystemExit("a stream broke while it was held")
            time.sleep(1)
        row["after_mib"] = self.patchbay.memory_mib()
        return [row]

    def growth(self):
        """Time of one request by its body's size; linear when ten times the bytes take about ten times as long."""
        row = {"case": "growth", "sizes": GROWTH}
        targets = {"nginx": (self.nginx_stream, "up"), "patchbay": (self.patchbay, "up"), "translated": (self.patchbay, "ant")}
        for direction in ("request", "answer"):
            table = {name: [] for name in targets}
            for size in GROWTH:
                for name, (process, provider) in targets.items():
                    model, bytes_sent = (f"{provider}/bench-1024", size) if direction == "request" else (f"{provider}/bench-{size}", 1024)
                    result = ps.run_load(self.tools, process, self.body(f"grow-{name}", model, bytes_sent), 1, 1.5 if size > 1 << 20 else 0.6)
                    table[name].append(result["p50_us"] / 1000)
            row[f"{direction}_ms"] = table
        return [row]

    def train(self):
        """A load of every kind for the profile of an optimised build."""
        for case in [*SIZES, "stream-100"]:
            stream = case == "stream-100"
            size = 1024 if stream else SIZES[case]
            for provider in ("up", "ant"):
                body = self.body("train", f"{provider}/{'bench-events' if stream else f'bench-{size}'}", size, stream=stream)
                for connections in (1, 32):
                    ps.run_load(self.tools, self.patchbay, body, connections, 1.5)
        for connections in (1, 32):
            ps.run_load(self.tools, self.routed, self.body("train", "up/bench-1024", 1024), connections, 1.5)


def summary(case, connections, rounds, targets):
    row = {"case": case, "concurrency": connections}
    for name in targets:
        values = {key: statistics.median(r[name][key] for r in rounds) for key in ("rps", "p50_us", "p99_us", "cpu_us")}
        values["added_p50_us"] = statistics.median(r[name]["p50_us"] - r["direct"]["p50_us"] for r in rounds)
        values["added_p99_us"] = statistics.median(r[name]["p99_us"] - r["direct"]["p99_us"] for r in rounds)
        values["rps_ratio"] = statistics.median(r[name]["rps"] / r["nginx"]["rps"] for r in rounds)
        values["cpu_ratio"] = statistics.median(r[name]["cpu_us"] / r["nginx"]["cpu_us"] for r in rounds)
        values["rps_of_patchbay"] = statistics.median(r[name]["rps"] / r["patchbay"]["rps"] for r in rounds)
        row[name] = values
    return row


def main():
    parser = command.options("./dev bench", "Compares Patchbay with nginx", "two rounds, without concurrency 8: under two minutes")
    parser.add_argument("case", nargs="?", choices=CASES)
    parser.add_argument("--train", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()

    folder = pathlib.Path(tempfile.mkdtemp(prefix="patchbay-bench-"))
    begin = time.monotonic()
    bench = Bench(options, folder)
    try:
        if options.train:
            bench.train()
            return 0
        rows = []
        # Memory first: idle and streams are measured on a process that has not grown yet.
        for case in [options.case] if options.case else ["memory", *SIZES, "stream-100", "routed", "growth"]:
            print(f"{case} ", end="", file=sys.stderr, flush=True)
            rows += getattr(bench, case)() if case in ("memory", "growth") else bench.compare(case)
            print(file=sys.stderr)
    finally:
        bench.stop()
        shutil.rmtree(folder)
    command.tell(options, begin, bench.rounds, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
