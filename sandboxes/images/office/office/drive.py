"""The WSGI application of the shared drive."""
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false

from __future__ import annotations

import hmac
import json
from pathlib import Path
from typing import Any

from wsgidav.dc.base_dc import BaseDomainController
from wsgidav.wsgidav_app import WsgiDAVApp


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
        people = json.loads(Path("/run/office/people.json").read_text("utf-8"))
        return any(
            one["login"] == user_name
            and hmac.compare_digest(one["password"].encode(), password.encode())
            for one in people
        )

    def supports_http_digest_auth(self) -> bool:
        """Passwords come as they are, over TLS."""
        return False


app = WsgiDAVApp(
    {
        "provider_mapping": {"/": "/srv/files"},
        "http_authenticator": {
            "domain_controller": OfficePeople,
            "accept_basic": True,
            "accept_digest": False,
            "default_to_digest": False,
        },
        "dir_browser": {"enable": True, "davmount": False, "icon": False, "response_trailer": ""},
        "logging": {"enable": False},
        "verbose": 1,
    }
)
