"""Where the worker's graph keeps its state between steps."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from ...records.errors import ResultsUnwritable


class _Newest(AsyncSqliteSaver):
    """Keeps only the newest checkpoint: each holds the whole conversation, so that all of them
    together would grow with its square."""

    async def aput(self, *args: Any, **kwargs: Any) -> Any:
        saved: Any = await super().aput(*args, **kwargs)
        newest = (saved["configurable"]["thread_id"], saved["configurable"]["checkpoint_id"])
        async with self.lock:
            for table in ("checkpoints", "writes"):
                await self.conn.execute(
                    f"DELETE FROM {table} WHERE thread_id = ? AND checkpoint_id < ?", newest
                )
            await self.conn.commit()
        return saved


@asynccontextmanager
async def checkpoints(path: Path) -> AsyncGenerator[AsyncSqliteSaver]:
    """The saver over this file, which is made as needed.

    Raises:
        ResultsUnwritable: the file can no longer be written (a full disk, say).
    """
    try:
        async with aiosqlite.connect(path) as connection:
            yield _Newest(connection)
    except sqlite3.OperationalError as error:
        raise ResultsUnwritable(errno.EIO, f"the checkpoint: {error}", str(path)) from error
