"""The office: what an instance puts into it, what goes on there, and what is found at the end."""

from .chat import Message, Room
from .database import Column, Table
from .erp import Address, Erp, Invoice, Order, Party, Product, Purchase, Sale, Trade, TradeLine
from .files import SharedFile
from .forge import Branch, Commit, ForgeIssue, Pull, Remark, Repository
from .groupware import Contact, Event, Mail
from .item import DOMAIN, SERVICES, Item, Person, Service
from .life import (
    Answer,
    Arrival,
    ChangeIssue,
    Colleague,
    CommentPull,
    Deed,
    Happening,
    Life,
    OpenIssue,
    PutFile,
    Say,
    SendMail,
    Trigger,
)
from .state import (
    STATE,
    Office,
    pack_office,
    read_office,
    unpack_office,
)
from .tracker import Account, Comment, Issue, Project, TimeEntry, WikiPage, WikiRedirect
from .writes import NOT_A_CHANGE, Act, office_writes

__all__ = [
    "DOMAIN",
    "NOT_A_CHANGE",
    "SERVICES",
    "STATE",
    "Account",
    "Act",
    "Address",
    "Answer",
    "Arrival",
    "Branch",
    "ChangeIssue",
    "Colleague",
    "Column",
    "Comment",
    "CommentPull",
    "Commit",
    "Contact",
    "Deed",
    "Erp",
    "Event",
    "ForgeIssue",
    "Happening",
    "Invoice",
    "Issue",
    "Item",
    "Life",
    "Mail",
    "Message",
    "Office",
    "OpenIssue",
    "Order",
    "Party",
    "Person",
    "Product",
    "Project",
    "Pull",
    "Purchase",
    "PutFile",
    "Remark",
    "Repository",
    "Room",
    "Sale",
    "Say",
    "SendMail",
    "Service",
    "SharedFile",
    "Table",
    "TimeEntry",
    "Trade",
    "TradeLine",
    "Trigger",
    "WikiPage",
    "WikiRedirect",
    "office_writes",
    "pack_office",
    "read_office",
    "unpack_office",
]
