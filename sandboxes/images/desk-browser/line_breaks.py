"""Lets Playwright's snapshots tell the lines of a text: ⏎ where one ends.

By itself it joins them, at `<br>` even without a space: `12` above `34` reads 1234. Run once, when
the image is built; each place must be there exactly once.
"""

import sys
from pathlib import Path

LINES = 'split(String.fromCharCode(10)).join(" ⏎ ")'
KEPT = "/^(pre|break)/.test((getElementComputedStyle(node.parentElement) || {}).whiteSpace)"
PLACES = {
    # A <br> is no element to tell of, but the end of a line in what it stands in.
    'if (!role || role === "presentation" || role === "none")': (
        'if (!role || role === "presentation" || role === "none" || element.nodeName === "BR")'
    ),
    'const treatAsBlock = display !== "inline" || element.nodeName === "BR" ? " " : "";': (
        'const treatAsBlock = display !== "inline" ? " " : ""; '
        'if (element.nodeName === "BR") ariaNode.children.push(" ⏎ ");'
    ),
    # Where a page keeps the lines of its source.
    'ariaNode.children.push(node.nodeValue || "");': (
        f"ariaNode.children.push(node.parentElement && {KEPT} ? text.{LINES} : text);"
    ),
    # What is written in a field of several lines.
    "result.children = [element.value];": f"result.children = [element.value.{LINES}];",
}

path = Path(sys.argv[1])
source = path.read_text("utf-8")
for old, new in PLACES.items():
    if source.count(old) != 1:
        sys.exit(f"{path}: {source.count(old)} times, not once: {old}")
    source = source.replace(old, new)
path.write_text(source, "utf-8")
