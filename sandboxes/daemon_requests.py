"""The daemon's part that knows the harness: frames, commands under way, and their output."""

from __future__ import annotations

import marshal
import os
import select
import time
from _json import encode_basestring_ascii  # `json` would double the time of the start
from typing import Any, cast

FRAME_PART = 256 * 1024
SEND_SECONDS = 60.0


def to_json(value: object) -> str:
    """JSON of plain values."""
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return "{" + ",".join([f"{to_json(name)}:{to_json(one)}" for name, one in items]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join([to_json(one) for one in cast("list[object]", value)]) + "]"
    return repr(value)


class Kept:
    """The head and the tail of an output of any length."""

    def __init__(self, cap: int) -> None:
        self.total = 0
        self.head = bytearray()
        self.tail = bytearray()
        self.head_size = cap // 2
        self.tail_size = cap - cap // 2

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        self.total += len(data)
        missing = self.head_size - len(self.head)
        if missing > 0:
            self.head += data[:missing]
            data = data[missing:]
        if len(data) >= self.tail_size:
            self.tail[:] = data[len(data) - self.tail_size :]
            return
        self.tail += data
        if len(self.tail) > 2 * self.tail_size:
            del self.tail[: -self.tail_size]

    def result(self) -> tuple[bytes, int]:
        """The output, with a line in place of what was left out, and how many bytes that is."""
        tail = bytes(self.tail[max(0, len(self.tail) - self.tail_size) :])
        left_out = self.total - len(self.head) - len(tail)
        if not left_out:
            return bytes(self.head) + tail, 0
        marker = b"\n[... %d bytes of output left out ...]\n" % left_out
        return bytes(self.head) + marker + tail, left_out


class Connection:
    """One harness: where its frames come from and where the answers go."""

    def __init__(self, source: int, sink: int, owner: Any = None) -> None:
        self.source = source
        self.sink = sink
        self.owner = owner  # keeps a socket object alive
        self.pending = bytearray()
        self.alive = True
        os.set_blocking(source, False)
        os.set_blocking(sink, False)

    def receive(self) -> list[tuple[dict[str, Any], bytes]]:
        """The frames that are complete by now."""
        try:
            data = os.read(self.source, 1 << 20)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.alive = False
            return []
        self.pending += data
        frames: list[tuple[dict[str, Any], bytes]] = []
        while len(self.pending) >= 8:
            size = int.from_bytes(self.pending[:4], "big")
            end = 8 + size + int.from_bytes(self.pending[4:8], "big")
            if len(self.pending) < end:
                break
            header = marshal.loads(self.pending[8 : 8 + size])
            frames.append((header, bytes(self.pending[8 + size : end])))
            del self.pending[:end]
        return frames

    def send(self, header: dict[str, Any], blob: bytes = b"") -> None:
        """Write one frame; a reader that stands still for a minute is given up."""
        text = to_json(header).encode()
        rest = memoryview(len(text).to_bytes(4, "big") + len(blob).to_bytes(4, "big") + text + blob)
        while rest and self.alive:
            try:
                rest = rest[os.write(self.sink, rest) :]
            except BlockingIOError:
                waiting = select.poll()
                waiting.register(self.sink, select.POLLOUT)
                self.alive = bool(waiting.poll(SEND_SECONDS * 1000))
            except OSError:
                self.alive = False

    def send_parts(self, id: int, blob: bytes) -> None:
        """Write what is too long for one frame, all but the last one."""
        for start in range(0, len(blob), FRAME_PART):
            self.send({"id": id, "more": True}, blob[start : start + FRAME_PART])


class Command:
    """A command under way; `top` is its first process, or that of the shell."""

    def __init__(self, connection: Connection, header: dict[str, Any]) -> None:
        self.connection = connection
        self.id = int(header["id"])
        self.header = header
        self.kept = Kept(int(header["cap"]))
        self.start_clock()
        self.number = 0  # among those of the shell
        self.top = 0
        self.output = -1
        self.spared: set[int] = set()
        self.timed_out = False

    def start_clock(self) -> None:
        """Its time begins now."""
        self.began = time.monotonic()
        self.deadline = self.began + float(self.header["timeout"])

    def refuse(self, error: OSError) -> None:
        """It could not even start: the worker has left no room, or no such program can be."""
        self.kept.add(f"the desk cannot start the command: {error.strerror}\n".encode())
        self.answer(126)

    def answer(self, exit_code: int | None, *, restarted: bool = False) -> None:
        """Tell the harness how it ended."""
        output, left_out = self.kept.result()
        self.connection.send(
            {
                "id": self.id,
                "exit_code": None if self.timed_out else exit_code,
                "seconds": time.monotonic() - self.began,
                "left_out": left_out,
                "restarted": restarted,
            },
            output,
        )
