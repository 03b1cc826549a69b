"""Humanity's Last Exam: the questions of a file in the layout of the public dataset.

Source of the layout: the dataset cais/hle (Phan et al., "Humanity's Last Exam", arXiv:2501.14249),
which its users fetch themselves; nothing of it is in Offsite.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..records.errors import InputError, nearest
from ..records.instance import File, Instance

SUITE = "hle"
"""Name of the suite that an exam's questions make."""

IMAGE = "image"
"""Under this name the instance has the question's picture, as the data URI that it came as."""

_DATA_URI = re.compile(r"data:image/[a-z0-9.+-]+;base64,", re.IGNORECASE)


class Question(BaseModel):
    """One line of the dataset, as far as the exam needs it; its other columns are not read."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")
    question: str = Field(min_length=1)
    image: str | None = Field(default=None, description="A data URI; empty where there is none.")
    answer: str = Field(min_length=1)
    answer_type: Literal["exactMatch", "multipleChoice"]
    rationale: str | None = None
    category: str = Field(min_length=1)
    raw_subject: str | None = None

    @field_validator("image")
    @classmethod
    def _a_picture(cls, image: str | None) -> str | None:
        if not image:
            return None
        head = _DATA_URI.match(image)
        if head is None:
            raise ValueError("is neither empty nor a data URI of an image (data:image/…;base64,…)")
        try:
            base64.b64decode(image[head.end() :], validate=True)
        except binascii.Error as error:
            raise ValueError(f"is no base64: {error}") from error
        return image

    @property
    def family(self) -> str:
        """The category as a part of a name: `math`, `computer-science-ai`."""
        return re.sub(r"[^a-z0-9]+", "-", self.category.lower()).strip("-") or "other"

    @property
    def task(self) -> str:
        """`family/id`."""
        return f"{self.family}/{self.id}"

    def instance(self) -> Instance:
        """The question as a trial is given it; what the judge is told beside it is the truth."""
        return Instance(
            task=self.task,
            seed=0,
            instruction=self.question,
            files={IMAGE: File(self.image.encode())} if self.image else {},
            truth={
                "answer": self.answer,
                "answer_type": self.answer_type,
                "rationale": self.rationale or "",
                "category": self.category,
                "raw_subject": self.raw_subject or "",
            },
        )


@dataclass(frozen=True)
class Exam:
    """A file's questions, in its order.

    Attributes:
        digest: sha256 over all that the questions hold.
    """

    path: Path
    questions: tuple[Question, ...]
    digest: str


def load_exam(path: Path) -> Exam:
    """Read a dataset: Parquet where the file's name ends so, else JSONL.

    Raises:
        InputError: names the file, the line (or row), the field and the cause.
    """
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'there is no such file'}")
    lines = _parquet(path) if path.suffix == ".parquet" else _jsonl(path)
    questions: dict[str, Question] = {}
    for place, given in lines:
        try:
            question = Question.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "line"
            raise InputError(f"{path}:{place}: {field}: {first['msg']}") from error
        if question.id in questions:
            raise InputError(f"{path}:{place}: id: {question.id} is there already")
        questions[question.id] = question
    if not questions:
        raise InputError(f"{path}: has no question")
    whole = hashlib.sha256()
    for question in questions.values():
        whole.update(question.instance().digest.encode())
    return Exam(path.resolve(), tuple(questions.values()), whole.hexdigest())


def select_questions(exam: Exam, patterns: Sequence[str]) -> list[Question]:
    """The questions that patterns name: `hle`, `hle/math`, `hle/math/*`, `hle/*/ID`.

    Raises:
        InputError: a pattern names none.
    """
    wanted: set[str] = set()
    for pattern in patterns:
        rest = pattern.strip("/").partition("/")[2]
        whole = rest if "/" in rest else f"{rest or '*'}/*"
        found = [q.task for q in exam.questions if fnmatch.fnmatch(q.task, whole)]
        if not found:
            known = {f"{SUITE}/{q.family}" for q in exam.questions}
            raise InputError(f"{exam.path}: no question {pattern!r}{nearest(pattern, known)}")
        wanted.update(found)
    return [question for question in exam.questions if question.task in wanted]


def _jsonl(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{path}:{number}: line: is no JSON: {error}") from error


def _parquet(path: Path) -> Iterator[tuple[int, Any]]:
    """The rows, counted from 1; only the columns that are needed are read."""
    if find_spec("pyarrow") is None:
        raise InputError(
            f"{path}: Parquet needs pyarrow, which is not installed: pip install -e '.[parquet]'"
        )
    arrow: Any = import_module("pyarrow")  # it has no types
    parquet: Any = import_module("pyarrow.parquet")
    try:
        file = parquet.ParquetFile(path)
        names = [name for name in file.schema_arrow.names if name in Question.model_fields]
        row = 0
        for batch in file.iter_batches(batch_size=64, columns=names):
            for given in batch.to_pylist():
                row += 1
                yield row, given
    except (arrow.ArrowException, OSError) as error:
        cause = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: is no Parquet file: {cause}") from error
