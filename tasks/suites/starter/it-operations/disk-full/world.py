"""The data partition of a small gate controller, filled by one of four causes."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from faker import Faker
from offsite.tasks import World

DOCUMENTS = Path(__file__).parent / "documents"
QUOTA_KIB = 3072
TARGET = 60
KEEP_BACKUPS = 4
KINDS = ("log-rotation", "log-level", "crash-loop", "backup-retention")
CAUSE_FILE = {
    "log-rotation": "/etc/logrotate.d/gated",
    "log-level": "/etc/gated/gated.ini",
    "crash-loop": "/etc/uploader/uploader.ini",
    "backup-retention": "/etc/backup/backup.ini",
}
AGE = {
    "log-rotation": (50, 58),
    "log-level": (10, 13),
    "crash-loop": (11, 15),
    "backup-retention": (22, 27),
}
CORES = "var/lib/systemd/coredump"


class Box:
    """The partition in the making; `removable` is what the retention rules let go."""

    def __init__(self, rng: random.Random, kind: str, today: date) -> None:
        self.rng = rng
        self.kind = kind
        self.today = today
        self.since = today - timedelta(days=rng.randrange(*AGE[kind]))
        self.files: dict[str, bytes] = {}
        self.times: dict[str, int] = {}
        self.removable: set[str] = set()

    def put(self, path: str, content: str | bytes, day: date, *, removable: bool = False) -> None:
        """A file as it was last written on that day."""
        self.files[path] = content.encode() if isinstance(content, str) else content
        at = datetime.combine(day, time(4, 0), UTC) + timedelta(minutes=self.rng.randrange(300))
        self.times[path] = int(at.timestamp())
        if removable:
            self.removable.add(path)

    def ago(self, days: int) -> date:
        """The day so many days before today."""
        return self.today - timedelta(days=days)

    def stamped(self, day: date, texts: list[str]) -> list[str]:
        """Log lines at random times of the day, in order."""
        seconds = sorted(self.rng.randrange(86400) for _ in texts)
        return [
            f"{day}T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d} {t}"
            for s, t in zip(seconds, texts, strict=True)
        ]

    def gated(self, day: date) -> list[str]:
        """What the gate service logs on a day."""
        rng = self.rng
        texts: list[str] = []
        for _ in range((300 if self.kind == "log-rotation" else 55) + rng.randrange(20)):
            what = rng.choice(
                ["INFO gated barrier opened", "INFO gated barrier closed", "WARN gated slow loop"]
            )
            texts.append(f"{what} lane={rng.randrange(1, 5)} ticket={rng.randrange(10**6, 10**7)}")
        if self.kind == "log-level" and day >= self.since:
            texts += [f"DEBUG gated frame raw={rng.getrandbits(128):032x}" for _ in range(1500)]
            rng.shuffle(texts)
        return self.stamped(day, texts)

    def syslog(self, day: date) -> list[str]:
        """What the system logs on a day."""
        words = (
            "link up",
            "time synchronised",
            "session opened for operator",
            "temperature normal",
        )
        return self.stamped(day, [f"INFO kernel {self.rng.choice(words)}" for _ in range(30)])

    def uploader(self, day: date) -> list[str]:
        """What the uploader logs on a day: a crash twice a day while its spool is lost."""
        lost = "ERROR uploader spool directory /var/spool/uplink: no such directory; core dumped"
        crash = self.kind == "crash-loop" and day >= self.since
        rest = [f"INFO uploader batch {self.rng.randrange(10**5)} sent" for _ in range(6)]
        return self.stamped(day, [lost, *rest, lost] if crash else rest)

    def log(self, path: str, make: Callable[[date], list[str]], rotated: int, start: int) -> None:
        """An active log that covers `start` days, and weekly rotated files before it."""

        def lines(first: int, days: int) -> str:
            return "\n".join(x for n in range(days) for x in make(self.ago(first - n))) + "\n"

        for week in range(rotated, 0, -1):
            first = start + 7 * week
            # The youngest line of the file lies outside the seven days that must be kept.
            old = first - 6 > 6
            self.put(f"{path}.{week}", lines(first, 7), self.ago(first - 6), removable=old)
        self.put(path, lines(start, start + 1), self.today)

    def fill(self) -> None:
        """All that grows or can be cleaned."""
        rng = self.rng
        gap = (self.today - self.since).days
        self.log(
            "var/log/gated/gated.log", self.gated, 4, gap if self.kind == "log-rotation" else 3
        )
        self.log("var/log/syslog", self.syslog, 3, 3)
        self.log("var/log/uploader/uploader.log", self.uploader, 2, 3)
        for n in range(5, -1, -1):
            name = "var/log/audit/audit.log" + (f".{n}" if n else "")
            rows = [
                f"{self.ago(30 * n + rng.randrange(29))} audit uid={rng.randrange(1000, 1009)} "
                f"op={rng.choice(['open', 'refund', 'login'])} id={rng.getrandbits(64):016x}"
                for _ in range(420)
            ]
            self.put(name, "\n".join(sorted(rows)) + "\n", self.ago(30 * n))
        self._backups(gap)
        self._cores(gap)
        for n in range(9):
            days = rng.randrange(9, 40) if n < 6 else rng.randrange(0, 2)
            name = f"tmp/upload-{self.ago(days):%Y%m%d}-{rng.randrange(1000, 9999)}.part"
            self.put(
                name, rng.randbytes(rng.randrange(2000, 9000)), self.ago(days), removable=n < 6
            )
        for name in ("tzdata", "openssl", "chrony"):
            path = (
                f"var/cache/apt/archives/{name}_{rng.randrange(1, 9)}.{rng.randrange(20)}_armhf.deb"
            )
            self.put(path, rng.randbytes(rng.randrange(9000, 18000)), self.ago(60), removable=True)

    def _backups(self, gap: int) -> None:
        # Where pruning works, it was last done on Sunday, five days ago.
        count = gap + KEEP_BACKUPS if self.kind == "backup-retention" else KEEP_BACKUPS + 5
        for days in range(count - 1, -1, -1):
            path = f"var/backups/gated/gated-{self.ago(days)}.tar"
            size = self.rng.randrange(60000, 66000) if self.kind == "backup-retention" else 30000
            self.put(path, self.rng.randbytes(size), self.ago(days), removable=days >= KEEP_BACKUPS)

    def _cores(self, gap: int) -> None:
        crashes = 2 * gap if self.kind == "crash-loop" else 3
        for program, count, step in (("uploader", crashes, 12), ("gated", 2, 190)):
            for n in range(count - 1, -1, -1):
                at = datetime.combine(self.today, time(2, 10), UTC) - timedelta(hours=step * n)
                path = f"{CORES}/core.{program}.{at:%Y%m%dT%H%M}.{self.rng.randrange(300, 9999)}"
                size = self.rng.randrange(56000, 64000) if program == "uploader" else 14000
                self.put(path, self.rng.randbytes(size), at.date(), removable=n > 0)


def _config(box: Box) -> None:
    """The configuration, with the one mistake."""
    kind = box.kind
    day = box.ago(200)
    where = "/var/log/gate/*.log" if kind == "log-rotation" else "/var/log/gated/*.log"
    level = "debug" if kind == "log-level" else "info"
    spool = "/var/spool/uplink" if kind == "crash-loop" else "/var/spool/uploader"
    pattern = "gated-*.tgz" if kind == "backup-retention" else "gated-*.tar"

    def rotate(paths: str, weeks: int) -> str:
        body = f"    weekly\n    rotate {weeks}\n    missingok\n    notifempty\n    copytruncate\n    nocompress\n"
        return f"{paths} {{\n{body}}}\n"

    put = box.put
    put("etc/logrotate.conf", "weekly\nrotate 4\ncreate\ninclude /etc/logrotate.d\n", day)
    put("etc/logrotate.d/gated", rotate(where, 4), day)
    put("etc/logrotate.d/syslog", rotate("/var/log/syslog", 3), day)
    put("etc/logrotate.d/uploader", rotate("/var/log/uploader/*.log", 2), day)
    put(
        "etc/logrotate.d/audit",
        rotate("/var/log/audit/audit.log", 60).replace("weekly", "monthly"),
        day,
    )
    put(
        "etc/gated/gated.ini",
        f"[service]\nlanes = 4\nloop_timeout_ms = {box.rng.randrange(300, 900, 50)}\n\n[logging]\n"
        f"file = /var/log/gated/gated.log\nlevel = {level}\n\n[simulator]\n; only on the bench\nlevel = debug\n",
        day,
    )
    put(
        "etc/uploader/uploader.ini",
        f"[uploader]\nspool = {spool}\nevery_minutes = 15\nbatch = {box.rng.randrange(20, 90, 10)}\n\n"
        "[logging]\nlevel = info\n",
        day,
    )
    put(
        "etc/backup/backup.ini",
        f"[create]\nsource = /var/lib/gated\ntarget = /var/backups/gated\nname = gated-%Y-%m-%d.tar\n\n"
        f"[prune]\nevery = sunday\npattern = {pattern}\nkeep = {KEEP_BACKUPS}\n",
        day,
    )
    put("etc/systemd/coredump.conf", "[Coredump]\nStorage=external\nCompress=no\n", day)
    put("var/spool/uploader/queue.state", "next=1\n", box.ago(1))


def _protected(box: Box, fake: Faker, quota_used: int) -> list[str]:
    """Legal hold, database and home; returns the paths on hold."""
    rng = box.rng
    old_backups = sorted(p for p in box.removable if p.startswith("var/backups"))
    old_cores = sorted(p for p in box.removable if p.startswith(f"{CORES}/core.uploader"))
    held_log, freed_log = rng.sample([f"var/log/gated/gated.log.{n}" for n in (2, 3, 4)], 2)
    held = [held_log, rng.choice(old_backups[:-1]), rng.choice(old_cores[:-1])]
    temporary = sorted(p for p in box.removable if p.startswith("tmp/"))
    rows = ["reference,path,since,status,contact"]
    entries = [(path, "active") for path in held]
    entries += [(freed_log, "released"), (temporary[0], "released")]
    rng.shuffle(entries)
    for path, status in entries:
        since = box.ago(rng.randrange(2))
        rows.append(f"LH-{rng.randrange(100, 999)},/{path},{since},{status},{fake.last_name()}")
    box.put("srv/legal-hold/register.csv", "\n".join(rows) + "\n", box.today)
    box.put("srv/legal-hold/LH-088/lane2-20251104.dump", rng.randbytes(48000), box.ago(120))
    box.put("srv/legal-hold/LH-091/plates.csv.bak", rng.randbytes(16000), box.ago(80))
    box.put("var/lib/gated/plates.kvdb", b"KVDB1\0" + rng.randbytes(90000), box.today)
    box.put("var/lib/gated/plates.kvdb-wal", b"KVWL1\0" + rng.randbytes(26000), box.today)
    box.put("home/operator/notes.txt", f"call {fake.name()} before any reboot\n", box.ago(40))
    box.put("home/operator/Downloads/manual-old-copy.pdf.part", rng.randbytes(30000), box.ago(90))
    used = sum(map(len, box.files.values()))
    if used >= quota_used:
        raise ValueError(f"too much on the disk: {used}")
    box.put("home/operator/firmware-4.2.img", rng.randbytes(quota_used - used), box.ago(150))
    return held


def _changes(box: Box, fake: Faker) -> str:
    """What the team did to the box; one of the entries is the cause."""
    told = {
        "log-rotation": "log folder of the gate service renamed from /var/log/gate to /var/log/gated (release 4.2)",
        "log-level": "gate service: more detail in the log for the supplier's visit",
        "crash-loop": "uploader 2.1 rolled out with its new settings file",
        "backup-retention": "backup 1.9: archives are written without compression from now on",
    }
    others = [
        (box.ago(3), "apt packages for the next window downloaded"),
        (box.ago(5), "camera of lane 3 replaced"),
        (box.ago(17), "syslog: rotation checked, no change"),
        (box.ago(31), "certificate of the uploader renewed"),
        (box.ago(46), "operator account: new SSH key"),
        (box.ago(64), "loop sensor thresholds tuned"),
        (box.ago(2), "developers asked for core dumps of the gate service, not sent yet"),
    ]
    rows = sorted([*others, (box.since, told[box.kind])])
    names = [fake.last_name() for _ in range(3)]
    lines = [f"{day},{box.rng.choice(names)},{text}" for day, text in rows]
    return "\n".join(["date,who,change", *(_quoted(line) for line in lines)]) + "\n"


def _quoted(line: str) -> str:
    day, who, text = line.split(",", 2)
    return f'{day},{who},"{text}"'


def _usage(box: Box, now: int) -> str:
    """The curve of the last 70 days: flat, then straight up from the day of the change."""
    grown = now - int(QUOTA_KIB * 1024 * 0.47)
    gap = (box.today - box.since).days
    rows = ["date,size_kib,used_kib,used_percent"]
    for days in range(70, 0, -1):
        share = max(0.0, (gap - days + 0.7) / (gap + 0.7))
        used = int(now - grown * (1 - share)) // 1024 + box.rng.randrange(-9, 10)
        rows.append(f"{box.ago(days)},{QUOTA_KIB},{used},{100 * used // QUOTA_KIB}")
    rows.append(f"{box.today},{QUOTA_KIB},{-(-now // 1024)},{100 * now // 1024 // QUOTA_KIB}")
    return "\n".join(rows) + "\n"


def _du(box: Box) -> str:
    """The sizes of the folders this morning, as the alarm stored them."""
    totals: dict[str, int] = {}
    for path, content in sorted(box.files.items()):
        folder = "/" + "/".join(path.split("/")[:3][:-1])
        totals[folder] = totals.get(folder, 0) + len(content)
    return "".join(f"{size // 1024:>8}\t{folder}\n" for folder, size in sorted(totals.items()))


def build(seed: int) -> World:
    """The box of one seed."""
    rng = random.Random(f"it-operations/disk-full:{seed}")
    fake = Faker("de_DE")
    fake.seed_instance(rng.randrange(2**32))
    kind = KINDS[seed % len(KINDS)]
    today = date(2026, 2, 6) + timedelta(weeks=rng.randrange(18))  # always a Friday
    box = Box(rng, kind, today)
    box.fill()
    _config(box)
    used = int(QUOTA_KIB * 1024 * rng.uniform(0.962, 0.988))
    held = _protected(box, fake, used)

    world = World()
    for path, content in box.files.items():
        world.add(f"server/{path}", content, mtime=box.times[path])
    incident = f"INC-{rng.randrange(3000, 9900)}"
    host = f"gate-{rng.choice('abcdef')}{rng.randrange(10, 90)}"
    facts = {
        "incident": incident,
        "host": host,
        "site": f"car park {fake.city()}",
        "today": today.isoformat(),
        "percent": str(100 * used // 1024 // QUOTA_KIB),
        "worker": fake.first_name(),
        "manager": fake.first_name(),
    }
    for path in ("runbook/disk-full.md", "runbook/retention.md", "incident/TEMPLATE.md"):
        text = (DOCUMENTS / Path(path).name).read_text(encoding="utf-8")
        for name, value in {"QUOTA": QUOTA_KIB, "TARGET": TARGET, "KEEP": KEEP_BACKUPS}.items():
            text = text.replace(f"@{name}@", str(value))
        world.add(path, text)
    world.add("runbook/changes.csv", _changes(box, fake))
    world.add("monitoring/usage.csv", _usage(box, used))
    alert = f"{today}T05:{rng.randrange(10, 59)}:00Z CRITICAL {host} data partition {facts['percent']} % -> {incident}\n"
    world.add("monitoring/alert.txt", alert)
    world.add(f"monitoring/du-{today}.txt", _du(box))
    other = f"gate-{rng.choice('uvwxyz')}{rng.randrange(10, 90)}"
    old = f"# INC-{rng.randrange(1000, 2900)}\n\nHost: {other}\nCause file: /etc/logrotate.d/syslog\nCause class: log-rotation\n"
    world.add("incident/archive/INC-last-year.md", old)

    cutoff = (today - timedelta(days=6)).isoformat()
    recent: dict[str, set[str]] = {}
    for path, content in box.files.items():
        if path.startswith("var/log/") and "/audit/" not in path and path not in held:
            lines = content.decode().splitlines()
            young = {x for x in lines if x[:10] >= cutoff and " DEBUG " not in x}
            recent.setdefault(path.rpartition("/")[0], set()).update(young)
    world.facts = facts
    world.truth = {
        **{k: facts[k] for k in ("incident", "host")},
        "kind": kind,
        "cause_file": CAUSE_FILE[kind],
        "since": box.since.isoformat(),
        "quota": QUOTA_KIB * 1024,
        "target": TARGET,
        "used": used,
        "sizes": {path: len(content) for path, content in sorted(box.files.items())},
        "removable": sorted(box.removable - set(held)),
        "held": sorted(held),
        "backups": sorted(
            p for p in box.files if p.startswith("var/backups") and p not in box.removable
        ),
        "config": {p: c.decode() for p, c in sorted(box.files.items()) if p.startswith("etc/")},
        "recent": {
            folder: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
            for folder, lines in sorted(recent.items())
        },
        "active": ["var/log/gated/gated.log", "var/log/syslog", "var/log/uploader/uploader.log"],
        "cutoff": cutoff,
    }
    return world
