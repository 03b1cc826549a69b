"""The WSGI application of the forge: pagure, with a door for the office itself.

What pagure leaves to workers behind a queue is done by a thread of this process.
"""
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import colorsys
import gc
import hashlib
import threading
from html import escape
from queue import Queue
from typing import Any
from uuid import uuid4

import flask
import pagure.exceptions
import pagure.flask_app
import pagure.lib.login
import pagure.lib.query
from celery.app.task import Task
from pagure.lib.tasks import get_result

from .forge import BUSY
from .forge_door import door

NEEDLESS = {"pagure.lib.tasks.update_git"}
"""Copies of issues and pull requests in repositories of their own, which nobody reads."""


class Chores:
    """Tasks for later, done one after the other.

    While the office fills the forge, only those named in `flask.g.only_at_once` are done.
    """

    def __init__(self) -> None:
        self.waiting: Queue[tuple[Any, Any, Any, str]] = Queue()
        self.lock = threading.Lock()
        BUSY.unlink(missing_ok=True)
        threading.Thread(target=self._work, daemon=True).start()

    def add(self, task: Any, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Takes the place of celery's `Task.apply_async`."""
        id = options.get("task_id") or uuid4().hex
        only = flask.g.get("only_at_once")
        if only is None and task.name not in NEEDLESS:
            with self.lock:
                BUSY.touch()
                self.waiting.put((task, args, kwargs, id))
        elif only and task.name in only:
            task.apply(args, kwargs, task_id=id)
        return get_result(id)

    def _work(self) -> None:
        while True:
            task, args, kwargs, id = self.waiting.get()
            with app.app_context():
                task.apply(args, kwargs, task_id=id)
            with self.lock:
                self.waiting.task_done()
                if not self.waiting.unfinished_tasks:
                    BUSY.unlink()


def sign_in() -> None:
    """The programs' interface takes login and password, too, not only tokens."""
    given = flask.request.authorization
    if flask.request.blueprint != "api_ns" or given is None or given.type != "basic":
        return
    login, password = given.username or "", given.password or ""
    try:
        pagure.lib.login.check_username_and_password(flask.g.session, login, password)
    except pagure.exceptions.PagureException:
        flask.abort(401)
    flask.g.fas_user = pagure.lib.query.get_user(flask.g.session, login)
    flask.g.fas_user.cla_done = True
    flask.g.authenticated = True


def picture_address(email: str, size: int = 64, **more: object) -> str:
    """Where somebody's picture is; pagure would ask a service outside."""
    del more
    return f"https://forge.acme.test/picture/{email or '?'}?s={size}"


def picture(email: str) -> flask.Response:
    """Their initial on a colour of their own."""
    hue = hashlib.sha256(email.encode()).digest()[0] / 255
    colour = "#" + "".join(f"{round(255 * x):02x}" for x in colorsys.hls_to_rgb(hue, 0.4, 0.5))
    size = min(flask.request.args.get("s", 64, int), 512)
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        'viewBox="0 0 64 64">'
        f'<rect width="64" height="64" fill="{colour}"/><text x="32" y="44" font-size="34" '
        f'font-family="sans-serif" fill="#fff" text-anchor="middle">{escape(email[0].upper())}'
        "</text></svg>"
    )
    return flask.Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "max-age=600"})


app = pagure.flask_app.create_app()
chores = Chores()
Task.apply_async = lambda task, *args, **more: chores.add(task, *args, **more)  # noqa: PLW0108 (a method)
pagure.lib.query.avatar_url_from_email = picture_address
app.before_request(sign_in)
app.add_url_rule("/picture/<email>", view_func=picture)
app.config["OFFICE_CHORES"] = chores
app.register_blueprint(door)
gc.collect()
gc.freeze()  # pagure collects after each request: what is loaded for good is left out
