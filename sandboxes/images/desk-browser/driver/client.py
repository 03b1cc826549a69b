"""The desk's browser, from the command line: sends one action to the driver, started if need be.

`browse -` takes the driver's own request on standard input and gives its own answer (driver.py).
"""

import os
import sys
import time
from _socket import AF_UNIX, SOCK_STREAM, socket  # `socket` would pull in `enum` and more

SCRATCH = "/var/lib/browser"
DRIVER = "/usr/local/lib/browser/driver.py"
START_SECONDS = 60


def main() -> None:
    """Send, and show the answer."""
    if sys.argv[1:] == ["-"]:
        sys.stdout.buffer.write(ask(sys.stdin.buffer.read()))
        return
    import json

    from command_line import parse

    request, picture_path = parse(sys.argv[1:])
    head, _, picture = ask(json.dumps(request).encode()).partition(b"\n")
    answer = json.loads(head)
    text = answer["text"]
    if picture_path and picture:
        with open(picture_path, "wb") as file:
            file.write(picture)
        text += f"\nthe picture is in {picture_path}"
    print(text)
    sys.exit(1 if answer["error"] else 0)


def ask(request: bytes) -> bytes:
    """The driver's answer to one request."""
    for _ in range(2):
        connection = connected()
        try:
            connection.sendall(request.rstrip(b"\n") + b"\n")
            answer = everything(connection)
        except OSError:
            answer = b""
        connection.close()
        if answer:
            return answer
    return (
        b'{"text": "Error: the browser ended while this was under way; the next action starts it '
        b'again: open the page once more, and look what was done", "error": true, "picture": 0}\n'
    )


def everything(connection: socket) -> bytes:
    """All that comes until the other end closes."""
    parts: list[bytes] = []
    while part := connection.recv(1 << 20):
        parts.append(part)
    return b"".join(parts)


def connected() -> socket:
    """A connection to the driver; where none listens, it is started."""
    until = time.monotonic() + START_SECONDS
    started = 0.0
    while True:
        connection = socket(AF_UNIX, SOCK_STREAM)
        try:
            connection.connect(f"{SCRATCH}/socket")
            return connection
        except OSError:
            connection.close()
        if time.monotonic() > until:
            sys.exit(f"browse: the browser's driver does not start; see {SCRATCH}/log")
        if time.monotonic() - started > 5:  # a second one finds the lock taken and leaves
            start_driver()
            started = time.monotonic()
        time.sleep(0.01)


def start_driver() -> None:
    """Start the driver as a process that nobody waits for."""
    if pid := os.fork():
        os.waitpid(pid, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    log = os.open(f"{SCRATCH}/log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open("/dev/null", os.O_RDONLY)
    for fd, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(fd, target)
    os.closerange(3, 1024)
    os.chdir(SCRATCH)
    os.execv("/usr/bin/python3", ["python3", "-E", "-s", DRIVER])
