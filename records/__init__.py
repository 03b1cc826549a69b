"""What is kept: the models of everything that Offsite writes down, and the store on disk."""

from .endings import CONSEQUENCES, Consequence, Ending, Fault
from .evidence import Evidence, EvidenceError, Write, load_evidence, save_evidence
from .instance import File, Instance, InstanceRecord
from .report import Report, Status
from .verdict import Criterion, Verdict

__all__ = [
    "CONSEQUENCES",
    "Consequence",
    "Criterion",
    "Ending",
    "Evidence",
    "EvidenceError",
    "Fault",
    "File",
    "Instance",
    "InstanceRecord",
    "Report",
    "Status",
    "Verdict",
    "Write",
    "load_evidence",
    "save_evidence",
]
