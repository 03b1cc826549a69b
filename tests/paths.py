"""Where the tests' own material and the program lie."""

import sys
from pathlib import Path

SUITES = Path(__file__).parent / "suites"
OFFSITE = Path(sys.executable).with_name("offsite")
