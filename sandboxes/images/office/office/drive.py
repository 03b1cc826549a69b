"""The WSGI application of the shared drive."""
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

from wsgidav.dc.base_dc import BaseDomainController
from wsgidav.wsgidav_app import WsgiDAVApp

from .sign_in import SignIn

PAGES = Path(__file__).with_name("drive_pages")


def lets_in(login: str, password: str) -> bool:
    """Whether this is somebody of the office."""
    people = json.loads(Path("/run/office/people.json").read_text("utf-8"))
    return any(
        one["login"] == login and hmac.compare_digest(one["password"].encode(), password.encode())
        for one in people
    )


class OfficePeople(BaseDomainController):
    """Lets everybody in who is in the office."""

    def get_domain_realm(self, path_info: str, environ: Any) -> str:
        """One for all."""
        return "Acme"

    def require_authentication(self, realm: str, environ: Any) -> bool:
        """Always."""
        return True

    def basic_auth_user(self, realm: str, user_name: str, password: str, environ: Any) -> bool:
        """Whether this is one of them."""
        return lets_in(user_name, password)

    def supports_http_digest_auth(self) -> bool:
        """Passwords come as they are, over TLS."""
        return False


app = SignIn(
    WsgiDAVApp(
        {
            "provider_mapping": {"/": "/srv/files"},
            "http_authenticator": {
                "domain_controller": OfficePeople,
                "accept_basic": True,
                "accept_digest": False,
                "default_to_digest": False,
            },
            "dir_browser": {"enable": True, "htdocs_path": str(PAGES)},
            "logging": {"enable": False},
            "verbose": 1,
        }
    ),
    lets_in,
)
