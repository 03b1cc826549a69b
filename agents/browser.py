"""The way to a desk's browser: one request to its driver (docs/browser.md)."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from ..sandboxes import Sandbox

BROWSE = "/usr/local/bin/browse"
CALL_SECONDS = 150.0
"""Beyond every limit of the driver's own."""

PICTURE_BYTES = 16 * 1024 * 1024


async def has_browser(sandbox: Sandbox) -> bool:
    """Whether there is a browser at this desk."""
    return (await sandbox.run(["test", "-x", BROWSE])).exit_code == 0


async def ask_browser(
    sandbox: Sandbox, action: str, arguments: dict[str, Any], *, picture: bool = False
) -> tuple[dict[str, Any], bytes]:
    """The driver's answer (`text`, `error`), and the picture that came with it."""
    request = {"action": action, "arguments": arguments, "picture": picture}
    result = await sandbox.run(
        [BROWSE, "-"], stdin=json.dumps(request).encode(), timeout=CALL_SECONDS, cap=PICTURE_BYTES
    )
    line, _, rest = result.output.partition(b"\n")
    with suppress(ValueError, KeyError, TypeError):
        head = json.loads(line)
        if isinstance(head["text"], str) and len(rest) == int(head["picture"]):
            return {"text": head["text"], "error": bool(head["error"])}, rest
    said = result.text[-500:].strip() or f"exit code {result.exit_code}"
    return {"text": f"Error: the browser gave no answer: {said}", "error": True}, b""
