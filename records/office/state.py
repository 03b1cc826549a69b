"""The office: what an instance puts into it, and what is found in it at the end. One model serves both."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from ..evidence import Evidence, EvidenceError
from .chat import Room
from .database import Table
from .erp import Erp
from .files import SharedFile
from .forge import Repository
from .groupware import Contact, Event, Mail
from .item import Item, Person
from .life import Happening, Life
from .tracker import Account, Issue, Project, TimeEntry, WikiPage, WikiRedirect

STATE = "office:state.json"
"""Where the end state lies among the evidence's files; each raw mail lies beside it."""


class Office(Item):
    """Everything in the office."""

    people: tuple[Person, ...] = ()
    mails: tuple[Mail, ...] = ()
    events: tuple[Event, ...] = ()
    contacts: tuple[Contact, ...] = ()
    projects: tuple[Project, ...] = ()
    issues: tuple[Issue, ...] = ()
    wiki: tuple[WikiPage, ...] = ()
    redirects: tuple[WikiRedirect, ...] = ()
    hours: tuple[TimeEntry, ...] = ()
    accounts: tuple[Account, ...] = ()
    rooms: tuple[Room, ...] = ()
    files: tuple[SharedFile, ...] = ()
    repositories: tuple[Repository, ...] = ()
    tables: tuple[Table, ...] = ()
    erp: Erp = Erp()
    life: Life | None = None
    happenings: tuple[Happening, ...] = ()

    def items(self) -> Iterator[tuple[str, Item]]:
        """Every single thing with its path, `office:mail/<login>/<folder>/<message-id>` and so on.

        Two things of one path are told apart by `~2`, `~3` … at its end.
        """
        met: Counter[str] = Counter()
        for path, item in self._paths():
            name = path
            while name in met:  # what a worker gives an id may end so itself
                met[path] += 1
                name = f"{path}~{met[path]}"
            met[name] = 1
            yield name, item

    def _paths(self) -> Iterator[tuple[str, Item]]:
        for mail in self.mails:
            yield f"office:mail/{mail.mailbox}/{mail.folder}/{mail.id}", mail
        for event in self.events:
            yield f"office:calendar/{event.owner}/{event.uid}", event
        for contact in self.contacts:
            yield f"office:contacts/{contact.owner}/{contact.uid}", contact
        yield from self._tracker()
        for room in self.rooms:
            yield f"office:chat/{room.name}", room.model_copy(update={"messages": ()})
            for message in room.messages:
                yield f"office:chat/{room.name}/{message.sender}/{message.id}", message
        for file in self.files:
            yield f"office:files/{file.path}", file
        for repository in self.repositories:
            yield from _parts_of(repository)
        for table in self.tables:
            yield f"office:database/{table.namespace}/{table.name}", table
        yield from self.erp.paths()

    def _tracker(self) -> Iterator[tuple[str, Item]]:
        for project in self.projects:
            yield f"office:tracker/projects/{project.identifier}", project
        for issue in self.issues:
            yield f"office:tracker/issues/{issue.number}", issue
        for page in self.wiki:
            yield f"office:tracker/wiki/{page.project}/{page.title}", page
        for redirect in self.redirects:
            yield f"office:tracker/redirects/{redirect.project}/{redirect.title}", redirect
        for entry in self.hours:
            yield f"office:tracker/hours/{entry.number}", entry
        for account in self.accounts:
            yield f"office:tracker/accounts/{account.login}", account


def _parts_of(repository: Repository) -> Iterator[tuple[str, Item]]:
    path = f"office:forge/{repository.name}"
    bare: dict[str, Any] = {"commits": (), "branches": (), "pulls": (), "issues": ()}
    yield path, repository.model_copy(update=bare)
    for branch in repository.branches:
        yield f"{path}/branches/{branch.name}", branch
    for pull in repository.pulls:
        yield f"{path}/pulls/{pull.number}", pull
    for issue in repository.issues:
        yield f"{path}/issues/{issue.number}", issue


def pack_office(office: Office) -> dict[str, bytes]:
    """The state as files of the evidence: one JSON object, and every mail as it is."""
    plain: dict[str, Any] = office.model_dump(mode="json")
    files: dict[str, bytes] = {}
    mails = [(path, item) for path, item in office.items() if isinstance(item, Mail)]
    for (path, mail), entry in zip(mails, plain["mails"], strict=True):
        entry["content"] = path
        files[path] = mail.content
    return {STATE: json.dumps(plain, indent=1, ensure_ascii=False).encode(), **files}


def read_office(evidence: Evidence) -> Office | None:
    """The office as the trial left it, None where the task has none.

    Raises:
        EvidenceError: what was archived is not an office.
    """
    return unpack_office(evidence.files)


def unpack_office(files: Mapping[str, bytes]) -> Office | None:
    """The reverse of `pack_office`, None where there is none."""
    if STATE not in files:
        return None
    try:
        plain: dict[str, Any] = json.loads(files[STATE])
        mails = plain.pop("mails")
        whole = tuple(
            Mail(
                **{name: value for name, value in mail.items() if name != "content"},
                content=files[mail["content"]],
            )
            for mail in mails
        )
        rest = Office.model_validate_json(json.dumps(plain))
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise EvidenceError(f"the office's state cannot be read: {error}") from error
    return rest.model_copy(update={"mails": whole})
