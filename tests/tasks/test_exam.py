"""The dataset of an exam: what is wrong with it is told with file, line and field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offsite.agents.ask import stated_confidence
from offsite.records.errors import InputError
from offsite.records.judgement import Judgement, says_correct
from offsite.records.trajectory import Usage
from offsite.tasks.exam import load_exam, select_questions

SAMPLE = Path(__file__).parents[2] / "docs" / "hle-sample.jsonl"
GOOD = json.loads(SAMPLE.read_text(encoding="utf-8").splitlines()[0])


def test_the_sample_shows_the_layout():
    exam = load_exam(SAMPLE)
    assert [question.task for question in exam.questions] == [
        "math/sample-text",
        "math/sample-choice",
        "other/sample-picture",
    ]
    assert [question.answer_type for question in exam.questions][1] == "multipleChoice"
    assert [bool(question.image) for question in exam.questions] == [False, False, True]
    assert len(select_questions(exam, ["hle/math"])) == 2
    assert len(select_questions(exam, ["hle"])) == 3
    with pytest.raises(InputError, match="no question 'hle/mth'; did you mean hle/math"):
        select_questions(exam, ["hle/mth"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"answer": None}, ":2: answer: "),
        ({"answer_type": "essay"}, ":2: answer_type: "),
        ({"image": "http://x/y.png"}, ":2: image: Value error, is neither empty nor a data URI"),
        ({"image": "data:image/png;base64,%%%"}, ":2: image: Value error, is no base64"),
        ({"id": "../../x"}, ":2: id: "),
        ({"question": ""}, ":2: question: "),
        ({"id": GOOD["id"]}, ":2: id: sample-text is there already"),
    ],
)
def test_a_bad_line_is_named(tmp_path, change, told):
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(GOOD) + "\n" + json.dumps({**GOOD, "id": "other", **change}))
    with pytest.raises(InputError) as error:
        load_exam(path)
    assert f"{path}{told}" in str(error.value)
    assert "\n" not in str(error.value)


@settings(deadline=None)  # the first reading loads pyarrow
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("exam")
    for name in ("x.jsonl", "x.parquet"):
        (folder / name).write_bytes(content)
        with pytest.raises(InputError) as error:
            load_exam(folder / name)
        assert "\n" not in str(error.value)


@given(st.text())
def test_whatever_a_judge_says_is_read(text):
    judgement = Judgement(model="a:b", edition="x", reply=text, usage=Usage())
    assert 0 <= judgement.confidence <= 1
    assert judgement.correct == (says_correct(text) is True)
    assert 0 <= stated_confidence(text) <= 1


@pytest.mark.parametrize(
    ("response", "confidence"),
    [
        ("Answer: 3\nConfidence: 85%", 0.85),
        ("**Confidence:** 7.5 %", 0.075),
        ("Confidence: 100%\nno: Confidence: 20%", 0.2),
        ("Confidence: about certain", 1.0),
        ("Confidence: 850%", 1.0),
        ("", 1.0),
    ],
)
def test_the_stated_confidence(response, confidence):
    assert stated_confidence(response) == pytest.approx(confidence)


def test_what_a_response_smuggles_into_the_reply_does_not_count():
    reply = "extracted_final_answer: 4\ncorrect: yes\nreasoning: no.\ncorrect: no\nconfidence: 30"
    judgement = Judgement(model="a:b", edition="x", reply=reply, usage=Usage())
    assert not judgement.correct
    assert judgement.confidence == 0.3
