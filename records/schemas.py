"""JSON Schemas of everything that Offsite writes down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .evidence import Manifest
from .gate import Outcomes
from .instance import InstanceRecord
from .leaderboard import Leaderboard
from .run import RunRecord
from .trajectory import EVENT
from .trial import TrialRecord

FOLDER = Path(__file__).parent / "schemas"
"""Where they are checked in."""

_MODELS: dict[str, type[BaseModel]] = {
    "evidence-manifest": Manifest,
    "instance": InstanceRecord,
    "leaderboard": Leaderboard,
    "outcomes": Outcomes,
    "run": RunRecord,
    "trial": TrialRecord,
}


def schema_files() -> dict[str, str]:
    """File name to content, for every kind of file; the trajectory's is of one line."""
    schemas: dict[str, Any] = {name: m.model_json_schema() for name, m in _MODELS.items()}
    schemas["trajectory-event"] = EVENT.json_schema()
    return {
        f"{name}.schema.json": json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=1
        )
        + "\n"
        for name, schema in sorted(schemas.items())
    }
