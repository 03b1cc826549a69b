"""The office's own door to the forge: fills it, tells what is in it, and lets colleagues comment.

Everything goes through pagure's library; what is filled in gets the times that it is told.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import contextlib
import datetime
import hmac
import io
import json
from typing import Any

import bcrypt
import flask
from pagure.config import config
from pagure.hooks import run_project_hooks
from pagure.lib import model, query
from pagure.lib.git import get_repo_info_from_path

from .common import DOMAIN, Data
from .forge_git import branches, commit, range_of

INWARD = ("Sending to redis", "* Publishing information", "Has commit access")
"""How lines begin that say nothing to the pusher."""

door = flask.Blueprint("office", __name__, url_prefix="/office")


@door.before_request
def let_in() -> None:
    """The key is the office's alone."""
    given = flask.request.headers.get("X-Office-Key", "")
    if not hmac.compare_digest(given.encode(), config["SECRET_KEY"].encode()):
        flask.abort(404)


@door.post("/welcome")
def welcome() -> Data:
    """Give people accounts."""
    for one in _told():
        address = f"{one['login']}@{DOMAIN}"
        user = query.set_up_user(flask.g.session, one["login"], one["name"], address)
        # Few rounds: the password stands in clear a file away, and each push asks for it.
        hashed = bcrypt.hashpw(one["password"].encode(), bcrypt.gensalt(4))
        user.password = "$2$" + hashed.decode()
    flask.g.session.commit()
    return {}


@door.post("/seed")
def seed() -> Data:
    """Make repositories."""
    flask.g.only_at_once = {"pagure.lib.tasks.create_project"}
    names = {one.user: f"{one.fullname} <{one.default_email}>" for one in query.search_user(_db())}
    for one in _told():
        _repository(one, names)
    _db().query(model.PagureLog).delete()  # who did what today: nobody did
    _db().commit()
    return {}


@door.get("/state")
def state() -> flask.Response:
    """Every repository, once nothing is left to do."""
    flask.current_app.config["OFFICE_CHORES"].waiting.join()
    projects = _db().query(model.Project).order_by(model.Project.id).all()
    return flask.jsonify([_found(one) for one in projects])


@door.post("/comment")
def comment() -> Data:
    """Let somebody say something of a pull request."""
    told = _told()
    *fork, name = told["repository"].split("/")
    project = query.get_authorized_project(_db(), name, user=fork[1] if fork else None)
    pull = query.search_pull_requests(_db(), project_id=project.id, requestid=told["number"])
    _remark(pull, {"author": told["who"], "text": told["text"], "place": "", "at": None})
    _db().commit()
    return {}


@door.post("/hook")
def hook() -> Data:
    """What git asks before and after a push: whether it may be, and what the pusher is told."""
    told = _told()
    changes = {ref: (old, new) for old, new, ref in map(str.split, told["changes"].splitlines())}
    kind, user, namespace, name = get_repo_info_from_path(told["folder"])
    project = query.get_authorized_project(_db(), name, user=user, namespace=namespace)
    pull = query.get_request_by_uid(_db(), told["pull"]) if told["pull"] else None
    passed = True
    with contextlib.redirect_stdout(io.StringIO()) as text:
        try:
            run_project_hooks(
                session=_db(),
                username=told["user"],
                project=project,
                hooktype=told["kind"],
                repotype=kind,
                repodir=told["folder"],
                changes=changes,
                is_internal=told["internal"],
                pull_request=pull,
            )
        except SystemExit:
            passed = False
    lines = [one for one in text.getvalue().splitlines(True) if not one.startswith(INWARD)]
    return {"passed": passed, "text": "".join(lines)}


def _repository(told: Data, names: dict[str, str]) -> None:
    query.new_project(
        _db(),
        user=told["owner"],
        name=told["name"],
        blacklist=config["BLACKLISTED_PROJECTS"],
        allowed_prefix=[],
        repospanner_region=None,
        description=told["description"],
    )
    project = query.get_authorized_project(_db(), told["name"])
    for one in told["members"]:
        query.add_user_to_project(_db(), project, new_user=one, user=told["owner"], access="commit")
    project.read_only = False
    commit(project.repopath("main"), told["commits"], names)
    for pull in told["pulls"]:
        _pull(project, pull)
    for issue in told["issues"]:
        _issue(project, issue)
    if told["commits"]:
        project.date_created = project.date_modified = _moment(told["commits"][0]["at"])
    _db().commit()


def _pull(project: Any, told: Data) -> None:
    first, last = range_of(project.repopath("main"), told)
    pull = query.new_pull_request(
        _db(),
        repo_from=project,
        branch_from=told["source"],
        repo_to=project,
        branch_to=told["target"],
        title=told["title"],
        initial_comment=told["text"],
        user=told["author"],
        requestid=told["number"],
        notify=False,
        commit_start=first,
        commit_stop=last,
    )
    for one in told["comments"]:
        _remark(pull, one)
    if told["assignee"]:
        pull.assignee_id = query.get_user(_db(), told["assignee"]).id
    if told["status"] != "Open":
        merged = told["status"] == "Merged"
        query.close_pull_request(_db(), pull, told["closed_by"] or told["author"], merged=merged)
        pull.closed_at = _latest(_db(), model.PullRequestComment).date_created = _moment(
            told["closed"] or told["created"]
        )
    pull.date_created = _moment(told["created"])
    pull.updated_on = pull.last_updated = max(
        [pull.date_created, *(one.date_created for one in pull.comments)]
    )
    _db().commit()


def _remark(pull: Any, told: Data) -> None:
    path, _, line = told["place"].rpartition(":")
    query.add_pull_request_comment(
        _db(),
        pull,
        commit=pull.commit_stop if path else None,
        tree_id=None,
        filename=path or None,
        row=int(line) if path else None,
        comment=told["text"],
        user=told["author"],
        notify=False,
    )
    if told["at"]:
        _latest(_db(), model.PullRequestComment).date_created = _moment(told["at"])
        _db().flush()


def _issue(project: Any, told: Data) -> None:
    issue = query.new_issue(
        _db(),
        repo=project,
        title=told["title"],
        content=told["text"],
        user=told["author"],
        issue_id=told["number"],
        status=told["status"],
        assignee=told["assignee"] or None,
        notify=False,
        date_created=_moment(told["created"]),
    )
    times = [issue.date_created]
    for one in told["comments"]:
        times.append(_moment(one["at"]))
        query.add_issue_comment(
            _db(), issue, one["text"], one["author"], notify=False, date_created=times[-1]
        )
    issue.last_updated = max(times)
    if told["status"] == "Closed":
        issue.closed_at = issue.last_updated
    _db().commit()


def _found(project: Any) -> Data:
    members = {one.user.user for one in project.user_projects if one.access in ("admin", "commit")}
    return {
        "name": project.fullname,
        "description": project.description or "",
        "owner": project.user.user,
        "members": sorted(members - {project.user.user}),
        "branches": branches(project.repopath("main")),
        "pulls": [_found_pull(one) for one in sorted(project.requests, key=lambda one: one.id)],
        "issues": [_found_issue(one) for one in sorted(project.issues, key=lambda one: one.id)],
    }


def _found_pull(pull: Any) -> Data:
    where = pull.project_from
    fork = f"{where.fullname}:" if where is not None and where.id != pull.project_id else ""
    return {
        "number": pull.id,
        "title": pull.title,
        "text": pull.initial_comment or "",
        "author": pull.user.user,
        "source": fork + pull.branch_from,
        "target": pull.branch,
        "status": pull.status,
        "assignee": pull.assignee.user if pull.assignee else "",
        "created": _text(pull.date_created),
        "comments": [_said(one) for one in pull.comments if not one.notification],
        "closed_by": pull.closed_by.user if pull.closed_by else "",
        "closed": _text(pull.closed_at) if pull.closed_at else None,
    }


def _found_issue(issue: Any) -> Data:
    return {
        "number": issue.id,
        "title": issue.title,
        "text": issue.content,
        "author": issue.user.user,
        "status": issue.status,
        "assignee": issue.assignee.user if issue.assignee else "",
        "created": _text(issue.date_created),
        "comments": [_said(one) for one in issue.comments if not one.notification],
    }


def _said(one: Any) -> Data:
    path = getattr(one, "filename", None)
    return {
        "author": one.user.user,
        "at": _text(one.date_created),
        "text": one.comment,
        "place": f"{path}:{one.line}" if path else "",
    }


def _latest(session: Any, kind: Any) -> Any:
    return session.query(kind).order_by(kind.id.desc()).first()


def _told() -> Any:
    return json.loads(flask.request.get_data())


def _db() -> Any:
    return flask.g.session


def _moment(text: str) -> datetime.datetime:
    """As pagure keeps it: UTC, without saying so."""
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC).replace(tzinfo=None)


def _text(when: datetime.datetime) -> str:
    return when.replace(tzinfo=datetime.UTC).isoformat()
