"""Starts, pins and watches the benchmark's processes: upstream and load on one core, the proxy under test on the other."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORES = sorted(os.sched_getaffinity(0))
LOAD_CORE, PROXY_CORE = CORES[0], CORES[-1]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """A running server; `pids` are those whose CPU and memory count, `key` is what its clients send."""

    key = "sk-bench-0123456789abcdef"

    def __init__(self, name, command, port, core, folder, env=None):
        self.name, self.port, self.core = name, port, core
        self.log = folder / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=env, cwd=folder,
                preexec_fn=lambda: os.sched_setaffinity(0, {core}))
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"{name} did not start:\n{self.log.read_text()[-2000:]}")
                time.sleep(0.02)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.pids = [self.process.pid, *map(int, children)]

    def cpu_seconds(self):
        """User and system time of all its threads, to the nanosecond."""
        total = 0
        for pid in self.pids:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                try:
                    total += int((task / "schedstat").read_text().split()[0])
                except (FileNotFoundError, ProcessLookupError):
                    pass  # a thread that ended meanwhile
        return total / 1e9

    def pin(self, core):
        for pid in self.pids:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), {core})

    def memory_mib(self):
        total = 0
        for pid in self.pids:
            total += int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))
        return total / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


NGINX = """
worker_processes 1; daemon off; pid %(folder)s/nginx.pid; error_log %(folder)s/nginx-error.log crit; %(user)s
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 300s;
  client_max_body_size 64m; client_body_buffer_size 128k;
  client_body_temp_path %(folder)s/body; proxy_temp_path %(folder)s/proxy; fastcgi_temp_path %(folder)s/f;
  uwsgi_temp_path %(folder)s/u; scgi_temp_path %(folder)s/s;
  upstream provider { server 127.0.0.1:%(upstream)d; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 300s; }
  server { listen 127.0.0.1:%(port)d; location / {
    proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_read_timeout 300s; %(extra)s } }
}
"""


def start_nginx(name, upstream, folder, extra):
    home = folder / name
    home.mkdir()
    port = free_port()
    (home / "nginx.conf").write_text(NGINX % {
        "folder": home, "port": port, "upstream": upstream, "extra": extra, "user": "user root;" if os.geteuid() == 0 else ""})
    return Process(name, ["/usr/sbin/nginx", "-p", str(home), "-c", str(home / "nginx.conf")], port, PROXY_CORE, folder)


CONFIG = """
server: {listen: "127.0.0.1:%(port)d", threads: 1, data_dir: "%(folder)s", loop_guard: 0}
providers:
  up:  {type: custom, formats: [openai_chat], base_url: "http://127.0.0.1:%(upstream)d/v1", api_key: none}
  ant: {type: anthropic, base_url: "http://127.0.0.1:%(upstream)d", api_key: none}
"""


# A route with five deployments, each with limits of its own, chosen by `smart`.
ROUTE = """
  up2: {type: custom, formats: [openai_chat], base_url: "http://127.0.0.1:%(upstream)d/v1", api_key: none, limits: {requests_per_minute: 100000000}}
  up3: {type: custom, formats: [openai_chat], base_url: "http://127.0.0.1:%(upstream)d/v1", api_key: none}
routes:
  up/bench-1024:
    strategy: smart
    deployments:
      - {use: up/bench-1024, limits: {requests_per_minute: 100000000}}
      - {use: up2/bench-1024, limits: {tokens_per_minute: 1000000000000}}
      - {use: up3/bench-1024, limits: {concurrency: 10000}}
      - {use: up2/bench-01024, weight: 2}
      - {use: up3/bench-01024, priority: 2}
"""
# A key with all kinds of limits.
KEY = ["--rpm", "100000000", "--tpm", "1000000000000", "--concurrency", "100000", "--budget", "1000000"]


def start_patchbay(binary, upstream, folder, name="patchbay", more="", key_options=None):
    port = free_port()
    home = folder / name
    home.mkdir()
    config = home / "patchbay.yaml"
    config.write_text((CONFIG + more) % {"port": port, "upstream": upstream, "folder": home})
    # No keys, proxies or settings of whoever runs this.
    env = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LLVM_PROFILE_FILE")}
    key = Process.key
    if key_options is not None:
        made = subprocess.run([binary, "keys", "create", "bench", *key_options, "--json", "--config", str(config)], capture_output=True, text=True, env=env)
        if made.returncode != 0:
            raise SystemExit(f"no key could be made: {made.stderr}")
        key = json.loads(made.stdout)["key"]
    process = Process(name, [binary, "serve", "--config", str(config)], port, PROXY_CORE, folder, env)
    process.key = key
    return process


def start_routed(binary, upstream, folder):
    """Everything on: a key with limits and a budget, five deployments with limits, the strategy that weighs most."""
    return start_patchbay(binary, upstream, folder, "routed", ROUTE, KEY)


def start_upstream(tools, folder):
    port = free_port()
    return Process("upstream", [str(tools / "bench_upstream"), str(port)], port, LOAD_CORE, folder)


def run_load(tools, process, body, connections, seconds, env=None):
    """Our own client: latencies to the microsecond. `env`: what it posts, where that is no request to a model (bench/load.cpp).

    One request at a time never keeps two cores busy, so at concurrency 1 all processes share a core: waking the other core of a
    virtual machine takes longer (some 50 microseconds, twice a request) than what is to be measured.
    """
    if connections == 1:
        process.pin(LOAD_CORE)
    command = ["taskset", "-c", str(LOAD_CORE), str(tools / "bench_load"), "run", str(process.port), str(body), str(connections), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ | {"BENCH_KEY": process.key} | (env or {}))
    if process.core != LOAD_CORE:
        process.pin(process.core)
    if done.returncode != 0:
        raise SystemExit(f"bench_load failed: {done.stdout}{done.stderr}")
    result = json.loads(done.stdout)
    if result["errors"]:
        raise SystemExit(f"{result['errors']} bad answers: {done.stderr}")
    return result


LUA = """
local file = io.open("%s", "rb"); local body = file:read("*a"); file:close()
wrk.method = "POST"; wrk.path = "/v1/chat/completions"; wrk.body = body
wrk.headers["Content-Type"] = "application/json"; wrk.headers["Authorization"] = "Bearer %s"
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"requests": %%d, "us": %%d, "errors": %%d, "p50_us": %%d, "p99_us": %%d}\\n', summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
"""


def run_wrk(process, body, connections, seconds):
    script = body.with_suffix(".lua")
    script.write_text(LUA % (body, process.key))
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(script), f"http://127.0.0.1:{process.port}/"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        raise SystemExit(f"wrk failed: {done.stdout}{done.stderr}")
    result = json.loads(lines[-1])
    if result["errors"] or not result["requests"]:
        raise SystemExit(f"wrk: {result}")
    return result | {"rps": result["requests"] / result["us"] * 1e6}
