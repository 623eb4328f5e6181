#!/usr/bin/env python3
"""Measures calls of a trivial MCP tool over Streamable HTTP against the TypeScript SDK's server, in one run (docs/performance.md).

    ./dev bench mcp [--quick] [--json FILE]
"""
import argparse
import http.client
import json
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

import command
import processes as ps

SESSIONS, STATELESS = "2025-11-25", "2026-07-28"
ACCEPT = "application/json, text/event-stream"


def post(port, message, headers=None):
    """One message: status, headers, the JSON of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/mcp", json.dumps({"jsonrpc": "2.0", **message}),
                       {"Content-Type": "application/json", "Accept": ACCEPT} | (headers or {}))
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, response.headers, json.loads(text) if text.startswith(b"{") else None


def open_session(port):
    client = {"protocolVersion": SESSIONS, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
    status, headers, _ = post(port, {"id": 0, "method": "initialize", "params": client})
    if status != 200:
        raise SystemExit(f"no session: {status}")
    session = headers["mcp-session-id"]
    post(port, {"method": "notifications/initialized"}, {"mcp-session-id": session, "mcp-protocol-version": SESSIONS})
    return session


class Target:
    """A server and a call of its tool."""

    def __init__(self, process, tool, arguments, modern):
        self.process, self.tool, self.modern = process, tool, modern
        self.params = {"name": tool, "arguments": arguments}

    def call(self, sessions):
        """The message and the headers of the case; `{word}` stands for the session."""
        if sessions:
            return self.params, {"mcp-protocol-version": SESSIONS, "mcp-session-id": "{word}"}
        if not self.modern:  # the TypeScript server's own way without sessions
            return self.params, {"mcp-protocol-version": SESSIONS}
        meta = {"io.modelcontextprotocol/protocolVersion": STATELESS, "io.modelcontextprotocol/clientCapabilities": {}}
        return self.params | {"_meta": meta}, {"mcp-protocol-version": STATELESS, "mcp-method": "tools/call", "mcp-name": self.tool}

    def measure(self, tools, folder, sessions, connections, seconds):
        params, headers = self.call(sessions)
        message = {"id": 1, "method": "tools/call", "params": params}
        words = [open_session(self.process.port) for _ in range(connections)] if sessions else []
        status, _, answer = post(self.process.port, message, {k: v.replace("{word}", (words or [""])[0]) for k, v in headers.items()})
        if status != 200 or "result" not in (answer or {}) or answer["result"].get("isError"):
            raise SystemExit(f"{self.process.name}: {status} {answer}")
        body = folder / "call.json"
        body.write_text(json.dumps({"jsonrpc": "2.0", **message}))
        env = {"BENCH_PATH": "/mcp", "BENCH_WORDS": ",".join(words),
               "BENCH_HEADERS": "".join(f"{name}: {value}\r\n" for name, value in {"Accept": ACCEPT, **headers}.items())}
        before = self.process.cpu_seconds()
        result = ps.run_load(tools, self.process, body, connections, seconds, env)
        return result | {"cpu_us": (self.process.cpu_seconds() - before) / (result["requests"] / 0.9) * 1e6}


def start_targets(options, folder, targets):
    """Fills in `targets` one by one, so that those that run can be stopped when another does not start."""
    tools = pathlib.Path(options.binary).resolve().parent
    text = "test_simple_text"
    port = ps.free_port()
    node = shutil.which(options.node) or options.node
    server = [str(pathlib.Path(node).absolute()), str(ps.ROOT / "bench/mcp_server.mjs"), str(port)]
    targets["typescript"] = Target(ps.Process("typescript", server, port, ps.PROXY_CORE, folder), text, {}, False)
    port = ps.free_port()
    everything = [str(tools / "mcp_everything"), str(port)]
    targets["server"] = Target(ps.Process("server", everything, port, ps.PROXY_CORE, folder), text, {}, True)
    patchbay = ps.start_patchbay(str(pathlib.Path(options.binary).resolve()), ps.free_port(), folder)
    targets["patchbay"] = Target(patchbay, "get_model_info", {"model": "ant/claude-sonnet-4-6"}, True)


def summary(case, connections, rounds):
    row = {"case": case, "concurrency": connections}
    for name in rounds[0]:
        values = {key: statistics.median(r[name][key] for r in rounds) for key in ("rps", "p50_us", "p99_us", "cpu_us")}
        values["rps_ratio"] = statistics.median(r[name]["rps"] / r["typescript"]["rps"] for r in rounds)
        values["p99_ratio"] = statistics.median(r["typescript"]["p99_us"] / r[name]["p99_us"] for r in rounds)
        row[name] = values
    return row


def main():
    parser = command.options("./dev bench mcp", "Compares with the TypeScript SDK's server", "one round of a second each")
    parser.add_argument("--node", default="node", help=argparse.SUPPRESS)
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="patchbay-bench-"))
    begin = time.monotonic()
    rounds, seconds = (1, 1) if options.quick else (5, 2)
    tools = pathlib.Path(options.binary).resolve().parent
    rows, targets = [], {}
    try:
        start_targets(options, folder, targets)
        for target in targets.values():  # the peer's compiler has to have seen its code
            for sessions in (True, False):
                target.measure(tools, folder, sessions, 8, 1)
        for case, sessions in (("mcp-sessions", True), ("mcp-stateless", False)):
            for connections in (1, 64):
                measured = []
                for _ in range(rounds):
                    measured.append({name: t.measure(tools, folder, sessions, connections, seconds) for name, t in targets.items()})
                    print(".", end="", file=sys.stderr, flush=True)
                rows.append(summary(case, connections, measured))
        print(file=sys.stderr)
    finally:
        for target in targets.values():
            target.process.stop()
        shutil.rmtree(folder)
    command.tell(options, begin, rounds, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
