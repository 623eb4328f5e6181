#!/usr/bin/env python3
"""Checks that includes point only downwards, that llm/ and media/ are pure and that sockets stay in net/.

    main > cli > api > agent > tools > gateway > mcp > config > sim > store > net > route > llm > media > base

Run without arguments from anywhere; it first proves on made-up files that it can fail.
"""
import pathlib
import re
import sys

LAYERS = ["base", "media", "llm", "route", "net", "store", "sim", "config", "mcp", "gateway", "tools", "agent", "api", "cli", "main"]
RANK = {name: rank for rank, name in enumerate(LAYERS)}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*")

# Boost headers that only schedule coroutines; all others of Asio and Beast touch sockets, TLS or heavy templates.
ASIO_IN_HEADERS = {"awaitable.hpp", "io_context.hpp", "any_io_executor.hpp"}
ASIO_IN_SOURCES = ASIO_IN_HEADERS | {
    "as_tuple.hpp", "bind_cancellation_slot.hpp", "cancellation_signal.hpp", "co_spawn.hpp", "deferred.hpp", "detached.hpp", "dispatch.hpp",
    "error.hpp", "executor_work_guard.hpp", "post.hpp", "redirect_error.hpp", "signal_set.hpp", "steady_timer.hpp", "this_coro.hpp",
    "thread_pool.hpp", "use_awaitable.hpp", "use_future.hpp", "async_result.hpp", "experimental/awaitable_operators.hpp",
    "experimental/channel.hpp", "experimental/concurrent_channel.hpp", "experimental/parallel_group.hpp", "strand.hpp"}
TEST = re.compile(r"(_test\.cpp|_test_\w+\.(h|cpp)|/testing\.(h|cpp))$")  # tests and what they share
SOCKETS = re.compile(r"^(sys/(socket|epoll|un|select)\.h|netinet/.*|arpa/inet\.h|netdb\.h)$")
# Libraries that stay in one layer, or two.
PURE = {"llm", "media"}
CLOCKLESS = PURE | {"route"}  # route/ holds counters that threads share
OWNERS = {"openssl/ssl.h": "net", "sqlite3.h": "store", "sodium.h": "store", "dlfcn.h": "store", "toml++/": "cli", "yaml-cpp/": "config sim", "CLI/": "cli", "CLI11": "cli", "spdlog/": "base",
          "turbojpeg.h": "media", "png.h": "media", "webp/": "media", "stb/": "media", "re2/": "base"}
PARSER = re.compile(r"^boost/beast/http/(basic_parser|error)\.hpp$")  # cheap, and what net/ builds its own messages on
HEAVY = re.compile(r"^(simdjson\.h|yaml-cpp/|CLI/|CLI11|spdlog/|re2/|toml\+\+|boost/beast|openssl/ssl\.h)")
IMPURE = re.compile(r"^(boost/asio|boost/beast|openssl/|thread$|mutex$|shared_mutex$|future$|condition_variable$|fstream$|filesystem$|unistd\.h$|sys/|time\.h$)")
CLOCKS = re.compile(r"\b(system|steady|high_resolution|utc)_clock\b|\bstd::time\s*\(|\bthis_thread\b|\bgettimeofday\b|\bclock_gettime\b")


def faults(path: str, text: str) -> list[str]:
    """What is wrong with one file; `path` is relative to src/."""
    found = []
    parts = path.split("/")
    layer = parts[0] if len(parts) > 1 else "main"
    if layer not in RANK:
        return [f"{path}: '{layer}' is no layer; the layers are {' > '.join(reversed(LAYERS))}"]
    header = path.endswith(".h")
    test = TEST.search(path) is not None
    for match in INCLUDE.finditer(text):
        quote, name = match.groups()
        where = f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
        if quote == '"':
            target = name.split("/")[0]
            if "/" not in name or target not in RANK:
                found.append(f'{where}: write "layer/file.h", not "{name}"')
            elif RANK[target] > RANK[layer]:
                found.append(f"{where}: {layer}/ must not include {name}: {target}/ lies above it")
            continue
        if layer in PURE and not test and IMPURE.match(name):
            found.append(f"{where}: {layer}/ is pure and must not include <{name}>")
        if layer != "net" and not test:
            if name.startswith("boost/asio"):
                asio = name.removeprefix("boost/asio").lstrip("/")
                if asio not in (ASIO_IN_HEADERS if header else ASIO_IN_SOURCES):
                    found.append(f"{where}: <{name}> belongs in net/")
            elif name.startswith("boost/beast") or SOCKETS.match(name):
                found.append(f"{where}: <{name}> belongs in net/")
        if header and HEAVY.match(name) and not (layer == "net" and PARSER.match(name)):
            found.append(f"{where}: <{name}> is heavy; include it in a .cpp file")
        for prefix, owner in OWNERS.items():
            if name.startswith(prefix) and layer not in owner.split() and not test:
                found.append(f"{where}: <{name}> belongs in {owner.replace(' ', '/ or ')}/")
    if layer in CLOCKLESS and not test:
        for number, line in enumerate(COMMENT.sub("", text).split("\n"), 1):
            if CLOCKS.search(line):
                found.append(f"{path}:{number}: {layer}/ is pure and must not read clocks or sleep")
    return found


def self_test() -> None:
    bad = [
        ("base/x.h", '#include "net/http.h"'), ("llm/x.cpp", '#include "net/http.h"'), ("store/x.cpp", '#include "sim/sim.h"'),
        ("gateway/x.cpp", '  #  include "api/routes.h"'), ("gateway/x.cpp", '#include "x.h"'), ("odd/x.cpp", ""),
        ("llm/x.cpp", "#include <thread>"), ("media/x.cpp", "#include <fstream>"), ("media/x.cpp", '#include "llm/chat.h"'), ("llm/x.cpp", "#include <png.h>"), ("llm/x.cpp", "#include <boost/asio/awaitable.hpp>"),
        ("llm/x.cpp", "auto t = std::chrono::steady_clock::now();"), ("route/x.cpp", "auto t = std::chrono::steady_clock::now();"), ("route/x.cpp", '#include "net/http.h"'), ("api/x.cpp", "#include <boost/asio/ip/tcp.hpp>"),
        ("api/x.cpp", "#include <boost/asio.hpp>"), ("gateway/x.h", "#include <boost/asio/steady_timer.hpp>"),
        ("gateway/x.cpp", "#include <boost/beast/http.hpp>"), ("config/x.h", "#include <yaml-cpp/yaml.h>"),
        ("base/x.h", "#include <simdjson.h>"), ("net/x.h", "#include <boost/beast/http.hpp>"), ("api/x.cpp", "#include <sqlite3.h>"), ("cli/x.cpp", "#include <sys/socket.h>"),
        ("base/x.h", "#include <re2/re2.h>"), ("gateway/x.cpp", "#include <re2/re2.h>")]
    good = [
        ("main.cpp", '#include "cli/commands.h"'), ("api/x.cpp", '#include "gateway/x.h"\n#include "base/log.h"'),
        ("net/x.h", "#include <boost/beast/http/basic_parser.hpp>"),
        ("net/x.cpp", "#include <boost/asio/ip/tcp.hpp>\n#include <sys/socket.h>"), ("gateway/x.h", "#include <boost/asio/awaitable.hpp>"),
        ("gateway/x.cpp", "#include <boost/asio/steady_timer.hpp>"), ("llm/x.cpp", '#include <simdjson.h>\n// steady_clock'),
        ("llm/x_test.cpp", "#include <fstream>"), ("llm/x_test_support.h", "#include <fstream>"), ("config/x.cpp", "#include <yaml-cpp/yaml.h>")]
    for path, text in bad:
        assert faults(path, text), f"self-test: {path} with {text!r} must be refused"
    for path, text in good:
        assert not faults(path, text), f"self-test: {faults(path, text)} must be accepted"


def main() -> int:
    self_test()
    source = pathlib.Path(__file__).resolve().parent.parent / "src"
    files = sorted(path for pattern in ("*.h", "*.cpp") for path in source.rglob(pattern))
    found = [fault for path in files for fault in faults(path.relative_to(source).as_posix(), path.read_text())]
    print("\n".join(found) if found else f"layers: {len(files)} files, all includes point downwards")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
