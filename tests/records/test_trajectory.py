"""A trajectory survives a crash at any byte."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.records.trajectory import (
    Message,
    Note,
    Start,
    ToolCall,
    TrajectoryError,
    TrajectoryWriter,
    read_trajectory,
)


def _written(path: Path, count: int = 5) -> bytes:
    writer = TrajectoryWriter(path)
    writer.append(Start(trial="t"))
    for number in range(count - 1):
        writer.append(Message(role="assistant", text=f"line {number}\nwith \x1b[31m and ünïcode"))
    writer.close()
    return path.read_bytes()


@given(st.integers(min_value=0, max_value=10_000))
def test_a_cut_at_any_byte_loses_at_most_the_last_event(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("t") / "trajectory.jsonl"
    whole = _written(path)
    cut = cut % (len(whole) + 1)
    path.write_bytes(whole[:cut])
    events = list(read_trajectory(path))
    assert whole[:cut].count(b"\n") <= len(events) <= whole[:cut].count(b"\n") + 1


ODD = st.text("aé\0\ud800\udcff😀", max_size=4)


@settings(deadline=None)
@given(st.dictionaries(ODD, ODD | st.floats() | st.none(), max_size=3), st.integers(0, 400))
def test_what_is_appended_can_be_read_back(tmp_path_factory, arguments, levels):
    path = tmp_path_factory.mktemp("t") / "trajectory.jsonl"
    for _ in range(levels):
        arguments = {"in": [arguments]}
    writer = TrajectoryWriter(path)
    writer.append(ToolCall(call="1", tool="\udcff", arguments=arguments))
    writer.append(Note(text="half a character: \ud800"))
    writer.close()
    call, note = read_trajectory(path)
    assert call.tool == "\\udcff"
    assert note.text == "half a character: \\ud800"


def test_a_half_line_is_cut_off_before_more_is_written(tmp_path):
    path = tmp_path / "trajectory.jsonl"
    whole = _written(path)
    path.write_bytes(whole[:-20])
    writer = TrajectoryWriter(path)
    writer.append(Note(text="after"))
    writer.close()
    events = list(read_trajectory(path))
    assert len(events) == 5
    assert events[-1].type == "note"


def test_damage_in_the_middle_is_named(tmp_path):
    path = tmp_path / "trajectory.jsonl"
    lines = _written(path).splitlines(keepends=True)
    path.write_bytes(lines[0] + b"{garbage\n" + b"".join(lines[2:]))
    with pytest.raises(TrajectoryError, match=r"trajectory\.jsonl:2"):
        list(read_trajectory(path))
