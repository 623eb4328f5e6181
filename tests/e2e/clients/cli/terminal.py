#!/usr/bin/env python3
"""Drives a program on a terminal of its own, as a person would: terminal.py STEPS SECONDS COMMAND...

STEPS is a JSON list of {"wait": pattern, "send": text}: once the pattern is in what was shown since the last step, the text is
typed; with "again": true it is typed again each second until the next step's pattern is there, for some programs leave out keys that come
just after a question. Patterns are matched without escape sequences and white space, for programs draw in pieces. When the last step has
been done, the program has the rest of the time to end by itself. Prints what was shown; ends with the program's exit code, or with
124 when time is up (the program's whole process group is then ended).
"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP.*?\x1b\\|\x1b[ -/]*[0-~]", re.DOTALL)


def plain(raw):
    return ESCAPES.sub(b"", raw).decode(errors="replace")


def compact(raw):
    return re.sub(r"\s+", "", plain(raw))


def type_text(fd, text):
    """Types key by key: programs take a burst of keys for something pasted."""
    for key in text:
        os.write(fd, key.encode())
        time.sleep(0.02)


def main():
    steps, deadline, command = json.loads(sys.argv[1]), time.monotonic() + float(sys.argv[2]), sys.argv[3:]
    pid, fd = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    shown, seen, typed, again = b"", 0, 0.0, None
    while time.monotonic() < deadline:
        if steps and re.search(steps[0]["wait"], compact(shown[seen:])):
            seen = len(shown)
            step = steps.pop(0)
            type_text(fd, step["send"])
            typed, again = time.monotonic(), step["send"] if step.get("again") else None
        elif again and time.monotonic() > typed + 1:
            type_text(fd, again)
            typed = time.monotonic()
        if select.select([fd], [], [], 0.1)[0]:
            try:
                data = os.read(fd, 65536)
            except OSError:  # the terminal's other end is closed
                data = b""
            if not data:
                break
            shown += data
    else:
        os.killpg(pid, signal.SIGKILL)
    sys.stdout.write(plain(shown))
    if steps:
        sys.stdout.write(f"\n[never shown: {steps[0]['wait']}]\n")
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return 124 if code == -signal.SIGKILL or steps else code


if __name__ == "__main__":
    sys.exit(main())
