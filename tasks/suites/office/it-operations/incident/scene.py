"""The box in trouble: its configuration, and what its logs say since the change that broke it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

ALARM = datetime(2025, 6, 17, 9, 30)
BEGIN = datetime(2025, 6, 17, 5, 30)
FOLDER = "etc/orders-api"
RELAYS = ("pay-a.relay", "pay-b.relay", "pay-c.relay", "pay-d.relay")


@dataclass(frozen=True)
class Cause:
    """What breaks the service: one setting, and the line by which error.log shows it."""

    code: str
    line: str
    file: str
    section: str
    name: str
    change: str


CAUSES = (
    Cause(
        "DB-POOL",
        "pool: no free connection",
        "db.ini",
        "pool",
        "size",
        "database settings tidied up",
    ),
    Cause(
        "PAY-HOST", "payment: cannot connect", "upstream.ini", "payment", "host", "relays renamed"
    ),
    Cause(
        "TLS-CERT",
        "tls: client certificate refused",
        "tls.ini",
        "client",
        "certificate",
        "certificates renewed",
    ),
    Cause(
        "INV-TIMEOUT",
        "inventory: no answer in time",
        "upstream.ini",
        "inventory",
        "timeout_ms",
        "timeouts aligned",
    ),
)


class Box:
    """One instance of the trouble."""

    def __init__(self, rng: random.Random, cause: Cause, share: float) -> None:
        self.rng, self.cause, self.share = rng, cause, share
        self.hosts = rng.sample(RELAYS, 4)
        self.size, self.old_size = rng.sample(range(30, 90, 5), 2)
        self.timeout, self.old_timeout = rng.sample(range(800, 3000, 100), 2)
        self.serials = rng.sample(range(100, 999), 4)
        began = BEGIN + timedelta(minutes=rng.randrange(70, 190), seconds=rng.randrange(60))
        self.changed, self.started = began - timedelta(seconds=rng.randrange(20, 90)), began
        self.failed = 0
        self.severity_share = 0.0

    def right(self) -> str:
        """What the setting is to be."""
        values = (str(self.size), self.hosts[0], self._certificate(0), str(self.timeout))
        return dict(zip((one.code for one in CAUSES), values, strict=True))[self.cause.code]

    def wrong(self) -> str:
        """What it was set to."""
        values = ("4", self.hosts[1], self._certificate(1), "120")
        return dict(zip((one.code for one in CAUSES), values, strict=True))[self.cause.code]

    def config(self, *, mended: bool = False) -> dict[str, str]:
        """The files of the configuration, by path."""

        def value(code: str, good: str) -> str:
            return self.wrong() if code == self.cause.code and not mended else good

        orders = (
            "[service]\nport = 8080\nworkers = 8\nlog_level = info\n\n[limits]\nbody_kib = 256\n"
        )
        db = (
            "[database]\nhost = db.orders\nname = orders\nuser = orders_api\n\n"
            f"[pool]\nsize = {value('DB-POOL', str(self.size))}\nwait_ms = 2000\n"
        )
        upstream = (
            f"[payment]\nhost = {value('PAY-HOST', self.hosts[0])}\nport = 8443\ntimeout_ms = 4000\n\n"
            f"[inventory]\nhost = inventory.relay\ntimeout_ms = {value('INV-TIMEOUT', str(self.timeout))}\n"
        )
        tls = (
            "[server]\ncertificate = certs/server-2025.pem\n\n"
            f"[client]\ncertificate = {value('TLS-CERT', self._certificate(0))}\n"
        )
        files = {"orders.ini": orders, "db.ini": db, "upstream.ini": upstream, "tls.ini": tls}
        return {f"{FOLDER}/{name}": text for name, text in files.items()}

    def certificates(self) -> dict[str, str]:
        """The folder of the certificates: what is in force is known from the index alone."""
        states = (
            ("2025-05-20", "2026-05-20", "issued"),
            ("2024-05-28", "2025-05-28", "issued"),
            ("2025-06-16", "2026-06-16", "revoked"),
            ("2025-07-01", "2026-07-01", "issued"),
        )
        rows = [f"{self._certificate(i)},{','.join(state)}" for i, state in enumerate(states)]
        self.rng.shuffle(rows)
        files = {"index.csv": "\n".join(["file,valid_from,valid_until,state", *rows]) + "\n"}
        for i in range(4):
            body = "".join(
                self.rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789+/") for _ in range(256)
            )
            name = self._certificate(i).removeprefix("certs/")
            files[name] = f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
        return {f"{FOLDER}/certs/{name}": text for name, text in files.items()}

    def logs(self) -> dict[str, str]:
        """access.log and error.log; counts what failed."""
        rng = self.rng
        access: list[str] = []
        errors: list[tuple[datetime, str]] = []
        times = sorted(BEGIN + timedelta(seconds=rng.randrange(4 * 3600)) for _ in range(2900))
        late = [i for i, at in enumerate(times) if at >= ALARM - timedelta(minutes=15)]
        after = [i for i, at in enumerate(times) if at > self.started and i not in set(late)]
        failing = set(rng.sample(late, round(self.share * len(late))))
        failing |= set(rng.sample(after, round(self.share * rng.uniform(0.7, 0.9) * len(after))))
        stray = set(rng.sample([i for i, at in enumerate(times) if at < self.changed], 4))
        for i, at in enumerate(times):
            number = f"{rng.getrandbits(40):010x}"
            status = (
                rng.choice((502, 503, 504))
                if i in failing
                else rng.choice((200, 201, 201, 201, 204, 404))
            )
            if i in stray:
                status = 500
                errors.append((at, f"ERROR orders: body cannot be read id={number}"))
            if i in failing:
                errors.append((at, f"ERROR {self.cause.line} id={number}"))
            method = rng.choice(("POST", "POST", "GET"))
            access.append(
                f"{at:%Y-%m-%dT%H:%M:%S}Z {method} /orders {status} {rng.randrange(9, 900)}ms id={number}"
            )
        errors.append((self.started, f"ERROR {self.cause.line} at the check of the service itself"))
        for _ in range(160):
            at = BEGIN + timedelta(seconds=rng.randrange(4 * 3600))
            errors.append((at, rng.choice(NOISE).format(rng.randrange(1000, 9999))))
        self.failed = len(failing)
        self.severity_share = len(failing & set(late)) / len(late)
        text = "\n".join(f"{at:%Y-%m-%dT%H:%M:%S}Z {line}" for at, line in sorted(errors))
        folder = "var/log/orders-api"
        return {
            f"{folder}/access.log": "\n".join(access) + "\n",
            f"{folder}/error.log": text + "\n",
        }

    def deploys(self) -> str:
        """What went live lately; one of the entries is the cause."""
        entries = [
            (BEGIN - timedelta(days=3, minutes=self.rng.randrange(300)), "orders-api 4.12.0"),
            (
                BEGIN - timedelta(days=1, minutes=self.rng.randrange(300)),
                "gateway 2.3: access rules",
            ),
            (self.changed, f"orders-api: {self.cause.change}"),
            (
                self.started + timedelta(minutes=self.rng.randrange(9, 30)),
                "orders-api: texts of two mails",
            ),
            (self.started - timedelta(minutes=self.rng.randrange(40, 65)), "inventory 7.1.2"),
        ]
        return "".join(f"{at:%Y-%m-%dT%H:%M:%S}Z {text}\n" for at, text in sorted(entries))

    def _certificate(self, i: int) -> str:
        return f"certs/client-{self.serials[i]}.pem"


NOISE = (
    "WARN slow query took {} ms",
    "ERROR mailer: confirmation {} not sent, will be tried again",
    "INFO health check passed in {} us",
    "WARN shop {} uses an old version of the client",
)
