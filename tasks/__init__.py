"""What is asked: the task model, its loader, and what tasks are written with."""

from .documents import Commit, database, docx, mbox, pdf, repository, xlsx
from .errors import TaskError
from .model import Suite, Task, TaskSpec
from .office import OfficeWorld
from .world import World

__all__ = [
    "Commit",
    "OfficeWorld",
    "Suite",
    "Task",
    "TaskError",
    "TaskSpec",
    "World",
    "database",
    "docx",
    "mbox",
    "pdf",
    "repository",
    "xlsx",
]
