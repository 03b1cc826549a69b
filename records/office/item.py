"""What every thing in the office has in common, and the people."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import ConfigDict, Field

from ..base import Record

DOMAIN = "acme.test"
"""The company's domain; an address outside it is somebody else's."""

Service = Literal["mail", "calendar", "tracker", "chat", "files", "forge", "database", "erp"]
SERVICES: tuple[Service, ...] = get_args(Service)


class Item(Record):
    """One thing in the office."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class Person(Item):
    """Somebody with one sign-in for all services, and the address `login@acme.test`."""

    login: str = Field(pattern=r"^[a-z][a-z0-9.-]{0,30}$")
    name: str = Field(min_length=1)
    password: str = Field(min_length=8)
    title: str = Field(default="", description="What they do in the company.")
    admin: bool = Field(default=False, description="Whether they administer the tracker.")

    @property
    def address(self) -> str:
        """Their mail address."""
        return f"{self.login}@{DOMAIN}"
