"""Offices that tasks are written with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from offsite.records.instance import pack_instance, unpack_instance
from offsite.tasks import OfficeWorld, TaskError
from offsite.tasks.loader import build_instance, load_task

MINI = Path(__file__).parents[1] / "suites" / "mini" / "clerical" / "sum-receipts"

WORLD = """
from offsite.tasks import World


def build(seed):
    world = World(facts={"month": "May"})
    world.office.person("worker", "Wim Worker", password="a-password")
    world.office.mail("Pat <pat@client.example>", "worker", f"No. {seed}", "Hi", at="2025-06-02 09:30")
    return world
"""


def office_task(folder: Path, services: str) -> Path:
    target = folder / "suite" / "family" / "name"
    shutil.copytree(MINI, target)
    (target / "world.py").write_text(WORLD)
    spec = (target / "task.toml").read_text()
    (target / "task.toml").write_text(f"{spec}\n[environment]\n{services}\n")
    return target


def test_services_give_the_instance_an_office(tmp_path: Path) -> None:
    task = load_task(office_task(tmp_path, 'services = ["mail"]'))
    assert task.spec.environment.network == "office"
    assert task.spec.environment.images == {"desk", "office"}
    first, second = build_instance(task, 1), build_instance(task, 1)
    assert first.office is not None
    assert first.office.mails[0].subject == "No. 1"
    assert first.digest == second.digest != build_instance(task, 2).digest
    assert unpack_instance(pack_instance(first)) == first


def test_unknown_services_and_wrong_networks_are_refused(tmp_path: Path) -> None:
    for number, text in enumerate(
        ('services = ["fax"]', 'services = ["mail"]\nnetwork = "open"', 'network = "office"')
    ):
        with pytest.raises(TaskError, match="environment"):
            load_task(office_task(tmp_path / str(number), text))


def test_contents_of_a_service_that_is_not_named_are_refused(tmp_path: Path) -> None:
    for number, text in enumerate(('services = ["tracker"]', "services = []")):
        task = load_task(office_task(tmp_path / str(number), text))
        with pytest.raises(TaskError, match=r"holds mails, but .* does not name 'mail'"):
            build_instance(task, 1)
    assert build_instance(load_task(office_task(tmp_path / "c", 'services = ["calendar"]')), 1)


def test_a_colleague_is_a_person_of_the_office_or_an_address(tmp_path: Path) -> None:
    for who, fine in (("worker", True), ("pat@client.example", True), ("bob", False)):
        life = f'    world.office.life.begins("2025-06-02 09:00")\n    world.office.life.colleague("{who}")\n'
        target = office_task(tmp_path / who, 'services = ["mail"]')
        (target / "world.py").write_text(WORLD.replace("    return", f"{life}    return"))
        if fine:
            assert build_instance(load_task(target), 1)
            continue
        with pytest.raises(TaskError, match="colleague 'bob' is no person"):
            build_instance(load_task(target), 1)


def test_a_mail_lies_with_everybody_who_got_it() -> None:
    office = OfficeWorld()
    for login in ("ann", "bob", "cas"):
        office.person(login, login.title() + " X", password="a-password")
    id = office.mail(
        "ann", ["bob", "pat@client.example"], "S", "T", at="2025-01-01 09:00", cc=["cas"],
        attachments=[("a.bin", b"\0\1")],
    )  # fmt: skip
    whole = office.office()
    assert [(one.mailbox, one.id) for one in whole.mails] == [("bob", id), ("cas", id)]
    assert whole.mails[0].recipients == ("bob@acme.test", "pat@client.example", "cas@acme.test")
    with pytest.raises(ValueError, match="neither a person"):
        office.mail("nobody", "bob", "S", "T", at="2025-01-01 09:00")
