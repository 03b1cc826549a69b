"""What can be said to `browse`, and its help."""

from __future__ import annotations

import argparse
import os

EPILOG = """\
how to work with it:
  browse open https://portal.acme.test    go to an address
  browse snapshot                         what the page shows, each element with its [ref=e12]
  browse click e12                        act on an element by its reference
  browse type e15 "Berlin" --submit       fill a field, and press Enter
  browse snapshot --find Invoice          only the lines with that text, in a long page
References hold until the page changes; then take a new snapshot. Every answer ends with the page's
title and address, and says what happened: dialogs, downloads (they go to ~/Downloads), new tabs.
Alerts are accepted; confirmations and prompts are dismissed unless --dialog accept, or --dialog
with the prompt's answer, is given with the action. There is one browser, and it stays open.
`browse ACTION --help` tells an action's options. Exit code: 0 done, 1 not done, 2 wrong usage.
"""


def parse(words: list[str]) -> tuple[dict[str, object], str]:
    """The request that the command line means, and the file for its picture."""
    parser = argparse.ArgumentParser(
        prog="browse",
        description="Use the desk's browser from the command line.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, what: str, *, dialog: bool = False) -> argparse.ArgumentParser:
        one = actions.add_parser(name, help=what, description=what)
        if dialog:
            one.add_argument(
                "--dialog", metavar="ANSWER", help="accept, dismiss, or a prompt's answer"
            )
        return one

    one = action("open", "go to an address")
    one.add_argument("url")
    one.add_argument("--new-tab", action="store_true")
    one = action("snapshot", "what the page shows, with references")
    one.add_argument("--ref", help="only this element and what is in it")
    one.add_argument("--find", metavar="TEXT", help="only lines with this text")
    one.add_argument("--start", type=int, help="first line, where the page is long")
    one = action("click", "click an element", dialog=True)
    one.add_argument("ref")
    one.add_argument("--double", action="store_true")
    one = action("type", "fill a field", dialog=True)
    one.add_argument("ref")
    one.add_argument("text")
    one.add_argument("--submit", action="store_true", help="press Enter afterwards")
    one.add_argument(
        "--append", dest="clear", action="store_const", const=False, help="keep what is there"
    )
    one = action("select", "choose from a list, by label or value", dialog=True)
    one.add_argument("ref")
    one.add_argument("values", nargs="+")
    one = action("press", "press a key, such as Enter, Escape, PageDown or Control+a", dialog=True)
    one.add_argument("key")
    one.add_argument("--ref", help="in this element")
    one = action("upload", "give files to a file field, or to a button that asks for them")
    one.add_argument("ref")
    one.add_argument("paths", nargs="+")
    one = action("download", "click an element, or open an address, and wait for the file")
    one.add_argument("ref", nargs="?")
    one.add_argument("--url")
    one = action("tabs", "list the tabs, switch to one, or close one")
    one.add_argument("--switch", type=int, metavar="N")
    one.add_argument("--close", type=int, metavar="N")
    action("back", "go back to the page before")
    one = action("screenshot", "a picture of the tab, or of an element, as JPEG")
    one.add_argument("file", nargs="?", default="/tmp/screenshot.jpg")
    one.add_argument("--ref")
    one = action("wait", "wait for a text to appear or to go, or some seconds")
    one.add_argument("text", nargs="?")
    one.add_argument("--gone", metavar="TEXT")
    one.add_argument("--seconds", type=float)
    given = {
        name: value for name, value in vars(parser.parse_args(words)).items() if value is not None
    }
    name = given.pop("action")
    path = given.pop("file", "")
    if "paths" in given:  # relative to where the caller is
        given["paths"] = [os.path.abspath(path) for path in given["paths"]]
    return {"action": name, "arguments": given, "picture": name == "screenshot"}, path
