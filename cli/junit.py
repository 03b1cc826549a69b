"""A JUnit report, as CI systems read it: gates or trials as test cases."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from .gate import told
from .text import harmless

if TYPE_CHECKING:
    from ..records.gate import GateReport
    from ..scoring.table import Trials


def junit_report(report: GateReport, trials: Trials | None) -> str:
    """The report's XML; of the trials where they are given, else of the gates."""
    whole = ET.Element("testsuites")
    suite = ET.SubElement(whole, "testsuite", name=_text(f"{report.suite}: {report.agent}"))
    if trials is None:
        _gates(suite, report)
    else:
        _trials(suite, trials)
    cases = suite.findall("testcase")
    counts = {
        "tests": len(cases),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
    }
    for name, number in counts.items():
        suite.set(name, str(number))
        whole.set(name, str(number))
    ET.indent(whole)
    return ET.tostring(whole, encoding="unicode", xml_declaration=True)


def _gates(suite: ET.Element, report: GateReport) -> None:
    for gate in report.gates:
        case = ET.SubElement(suite, "testcase", classname="offsite.gate", name=gate.name)
        if gate.outcome == "failed":
            ET.SubElement(case, "failure", message=_text(told(gate)))
        elif gate.outcome == "inconclusive":
            ET.SubElement(case, "error", message=_text(f"inconclusive: {told(gate)}"))
        ET.SubElement(case, "system-out").text = _text(told(gate))


def _trials(suite: ET.Element, trials: Trials) -> None:
    from ..records.index import PARTS

    for row in range(len(trials)):
        case = ET.SubElement(
            suite,
            "testcase",
            classname=_text(str(trials.task[row])),
            name=_text(str(trials.trial[row])),
            time=f"{trials.seconds[row]:.3f}",
        )
        parts = int(trials.parts[row])
        if trials.error[row]:
            ET.SubElement(case, "error", message="no verdict")
        elif not trials.delegable[row]:
            failed = [name for bit, name in enumerate(PARTS) if not parts >> bit & 1]
            message = "does not hold: " + ", ".join(failed).replace("_", " ")
            ET.SubElement(case, "failure", message=message)


def _text(text: str) -> str:
    """What XML may hold: control characters are made visible, lone surrogates too."""
    return harmless(text).encode("utf-8", "backslashreplace").decode("utf-8")
