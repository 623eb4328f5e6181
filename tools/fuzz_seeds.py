#!/usr/bin/env python3
"""Seeds for the fuzz target of a wire format or of JSON Schema, made from its golden inputs: fuzz_seeds.py TARGET FOLDER.

A target's first byte says which decoder reads and its second one how (tests/fuzz/dialect_target.h); golden files have neither,
and the streams among them hold one event's data a line, not the provider's framing. Nothing is written for other targets.
"""
import json
import pathlib
import sys

REQUEST, RESPONSE, STREAM = b"0", b"1", b"2"
ARRAY = b"6"  # a stream that is one JSON array
AS_FRAMED, LINES, TOOLS = b"0", b"1", b"3"  # TOOLS: lines, answering a request that has tools of every kind


def framed(lines, newline_framed):
    if newline_framed:
        return "\n".join(lines) + "\n"
    events = []
    for line in lines:
        name = ""
        try:
            name = json.loads(line).get("type", "")
        except (ValueError, AttributeError):
            pass
        events.append((f"event: {name}\n" if isinstance(name, str) and name else "") + f"data: {line}\n\n")
    return "".join(events)


def seeds(target, golden):
    for path in sorted(golden.glob("*.request.json")):
        yield path.name, REQUEST + LINES + path.read_bytes()
    for path in sorted(golden.glob("*.response.json")):
        yield path.name, RESPONSE + LINES + path.read_bytes()
    for path in sorted(golden.glob("*.stream.txt")):
        text = path.read_text()
        lines = [line for line in text.split("\n") if line.strip()]
        yield path.name, STREAM + AS_FRAMED + framed(lines, target == "ollama").encode()
        yield path.name + ".lines", STREAM + TOOLS + text.encode()
        if target == "gemini":
            yield path.name + ".array", ARRAY + AS_FRAMED + ("[" + ",\n".join(lines) + "]").encode()


def schema_seeds(golden):
    """A schema in the first line, a value in the second."""
    for path in sorted(golden.glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text())):
            values = case.get("fit", []) + [pair[0] for pair in case.get("unfit", [])]
            for which, value in enumerate(values or [None]):
                yield f"{path.stem}-{number}-{which}", f"{json.dumps(case['schema'])}\n{json.dumps(value)}".encode()


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    golden = pathlib.Path(__file__).resolve().parent.parent / "tests/golden" / target
    if not golden.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in schema_seeds(golden) if target == "schema" else seeds(target, golden):
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
