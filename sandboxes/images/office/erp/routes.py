"""Fills the ERP and tells what is in it, over HTTP; nginx lets nobody come here."""
# pyright: basic, reportMissingImports=false

import hmac
import json
from functools import wraps
from pathlib import Path

from trytond.protocols.wrappers import HTTPStatus, Response, abort, with_pool, with_transaction
from trytond.transaction import Transaction, TransactionError
from trytond.wsgi import app

KEY = Path("/etc/office/erp.key")
ADMIN = 1


def _route(path, *, readonly):
    """A request of the office's own: JSON in and out, as the administrator in the one company."""

    def decorator(function):
        @app.route(f"/<database_name>/office/{path}", methods={"POST"})
        @with_pool
        @with_transaction(readonly=readonly, user=ADMIN)
        @wraps(function)
        def answer(request, pool):
            key = KEY.read_text("utf-8").strip()
            if not hmac.compare_digest(request.headers.get("X-Office-Key", ""), key):
                abort(HTTPStatus.NOT_FOUND)
            company = pool.get("company.company").search([])[0]
            more = {"company": company.id, "language": "en", "_skip_warnings": True}
            with Transaction().set_context(**more):
                try:
                    said = function(json.loads(request.get_data() or b"null"))
                except TransactionError:  # it is tried again
                    raise
                except Exception as error:  # whatever it was, the office's program shall tell it
                    Transaction().rollback()
                    what = f"{type(error).__name__}: {error}"
                    return Response(what, status=422, content_type="text/plain")
            return Response(json.dumps(said), content_type="application/json")

        return answer

    return decorator


@_route("welcome", readonly=False)
def welcome(people):
    """Let these people sign in."""
    from . import filling

    filling.welcome(people)


@_route("seed", readonly=False)
def seed(erp):
    """Put everything in."""
    from . import filling

    filling.seed(erp)


@_route("state", readonly=True)
def state(_):
    """Everything that is in it."""
    from . import telling

    return telling.state()
