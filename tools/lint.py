#!/usr/bin/env python3
"""Checks all text files of the project: lengths, words that must not stay, links in Markdown, npm lock files."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINES_MAX = 400
SKIP = {".git", "build", "node_modules", "data", "__pycache__"}
CODE = {".cpp", ".h", ".py", ".mjs", ".js", ".sh", ".lua", ".cmake"}
TEXT = CODE | {".md", ".txt", ".yaml", ".yml", ".json", ".html", ".css"}
DATA = re.compile(r"_table\.cpp$|(^|/)(providers|providers_hosts|prices)\.cpp$|^tests/(golden|fuzz/seeds)/")
# Written so that this file does not match itself. The paths are of the machines that the project is developed on.
WORDS = re.compile(r"\b(TO[D]O|FIX[M]E|X{3})\b|^(<{7}|>{7}) |(^|[\s\"'`(=])/(hom[e]|roo[t])/\w")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```[^\n]*$", re.MULTILINE | re.DOTALL)


def files():
    for path in sorted(ROOT.rglob("*")):
        name = path.relative_to(ROOT)
        if not SKIP.intersection(name.parts) and path.is_file() and (path.suffix in TEXT or name.as_posix() in ("dev", ".ci/run")):
            yield path, name.as_posix()


def anchors(text):
    """The anchors that headings of a page get, as Git hosts make them."""
    titles = re.findall(r"^#+\s+(.*?)\s*#*$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(path, name, text):
    for match in LINK.finditer(FENCE.sub("", text)):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        page = (path.parent / target).resolve() if target else path
        if not page.exists():
            yield f"{name}: broken link {match.group(1)}"
        elif anchor and page.suffix == ".md" and anchor not in anchors(page.read_text()):
            yield f"{name}: no such heading {match.group(1)}"


def faults(path, name):
    text = path.read_text(errors="replace")
    lines = text.count("\n")
    if (path.suffix in CODE or "." not in path.name) and lines > LINES_MAX and not DATA.search(name):
        yield f"{name}: {lines} lines, at most {LINES_MAX}: split it by theme"
    if not name.startswith("tests/golden/"):
        for number, line in enumerate(text.split("\n"), 1):
            if WORDS.search(line):
                yield f"{name}:{number}: must not stay: {line.strip()[:100]}"
    if path.suffix == ".md":
        yield from broken_links(path, name, text)
    if path.name == "package-lock.json":
        for package, entry in json.loads(text).get("packages", {}).items():
            if "resolved" in entry:
                yield f"{name}: {package} names a download address; set omit-lockfile-registry-resolved in npm"


def self_test():
    assert WORDS.search("// TO" + "DO: later") and WORDS.search("see /hom" + "e/x") and not WORDS.search("at home/x")
    assert anchors("# Life of a request, `x`\n") == {"life-of-a-request-x"}
    assert list(broken_links(ROOT / "README.md", "README.md", "[x](nowhere.md)"))
    assert not list(broken_links(ROOT / "README.md", "README.md", "[x](tools/lint.py) [y](https://x.y)"))


def main():
    self_test()
    checked = list(files())
    found = [fault for path, name in checked for fault in faults(path, name)]
    print("\n".join(found) if found else f"lint: {len(checked)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
