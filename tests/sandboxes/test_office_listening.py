"""What the office hears of a mail, however it is written."""

from __future__ import annotations

import email
import email.policy
import json
from typing import Any

import pytest
from office.listening import Heard, heard_mail


def heard(content: bytes) -> Heard:
    message: Any = email.message_from_bytes(content, policy=email.policy.default)
    return heard_mail("a@acme.test", message, ["bea"])


def test_who_speaks_is_who_signed_in() -> None:
    said = heard(
        b"Return-Path: <worker@acme.test>\r\nFrom: Sales <sales@acme.test>\r\n"
        b"To: bea@acme.test\r\nSubject: Hi\r\n\r\nWhat is it?\r\n"
    )
    assert (said.who, said.to, said.subject) == ("worker", ("bea",), "Hi")
    assert said.text.strip() == "What is it?"
    assert heard(b"From: Pat <pat@client.example>\r\n\r\nx").who == "pat@client.example"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Type: text/plain; charset=none\r\nContent-Transfer-Encoding: 8bit",
        b"To: =?utf-8?b??=",
        b"Cc: <",
        b"From: *==?x?b?!!?=<[=?*)>",
        b"Subject: =?utf-8?b?\xff",
        b"Message-ID: <a@",
        b"Content-Type: multipart/mixed",
        b"Content-Transfer-Encoding: x\r\nReferences: \xff<",
    ],
)
def test_a_mail_may_be_anything(head: bytes) -> None:
    said = heard(b"Return-Path: <worker@acme.test>\r\n" + head + b"\r\n\r\nh\xc3\xa9\xff\r\n")
    assert said.who == "worker"
    told = json.dumps([said.text, said.subject, said.where], ensure_ascii=False)
    assert told.encode()
