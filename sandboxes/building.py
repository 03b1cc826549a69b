"""One step of the image chain: the ground from Debian, or an image from its recipe."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO, cast
from urllib.parse import urlsplit

from .engine import connect
from .protocol import EngineUnavailable, SandboxError

if TYPE_CHECKING:
    from docker import APIClient

Progress = Callable[[str], None]
"""Called with one line for every step of a build."""

SUITE = "trixie"
PULLED = f"debian:{SUITE}-slim"


class ImageNotBuilt(EngineUnavailable):
    """An image could not be built; the message has the last lines and the path of the log."""


@dataclass
class Build:
    """The build of one image, with its log.

    Attributes:
        api: the engine.
        log: everything that the builder says, written as it comes; `path` is its place.
    """

    api: APIClient
    name: str
    log: TextIO
    path: Path
    progress: Progress

    def image(self, recipe: Path, *, parent: str, tag: str, labels: Mapping[str, str]) -> str:
        """Build the recipe on the parent image, tag it, and return its id."""
        built = self._build(_context(recipe), {"PARENT": parent}, labels)
        packages = self._packages(built)
        # The label with the package list comes last: what was built is first known afterwards.
        facts = f"ARG PARENT\nFROM ${{PARENT}}\nLABEL offsite.packages={packages}\n"
        labelled = self._build(_tar({"Dockerfile": facts.encode()}), {"PARENT": built}, {}, tag=tag)
        self.say("done")
        return labelled

    def say(self, line: str) -> None:
        """Show one line of progress, and keep it in the log."""
        self.log.write(f"# {line}\n")
        self.log.flush()
        self.progress(f"image {self.name}: {line}")

    def failed(self, reason: str) -> ImageNotBuilt:
        """The error to raise, with the last lines of the log."""
        self.log.flush()
        lines = self.path.read_text(encoding="utf-8", errors="replace").splitlines()
        last = [line for line in lines if line.strip() and not line.startswith("# ")][-8:]
        tail = "".join(f"\n    {line}" for line in last)
        return ImageNotBuilt(
            f"the image {self.name!r} could not be built: {reason}{tail}\n  whole log: {self.path}"
        )

    def _build(
        self,
        context: bytes,
        arguments: Mapping[str, str],
        labels: Mapping[str, str],
        tag: str | None = None,
    ) -> str:
        proxies = site_proxies()
        local = any(
            urlsplit(proxy).hostname in {"localhost", "127.0.0.1"} for proxy in proxies.values()
        )
        messages = cast(_Builder, self.api).build(
            fileobj=io.BytesIO(context),
            custom_context=True,
            decode=True,
            rm=True,
            forcerm=True,
            tag=tag,
            buildargs={**proxies, **arguments},
            labels=dict(labels),
            network_mode="host" if local else None,
        )
        return self._follow(messages, quiet=tag is not None)

    def _follow(self, messages: Iterable[Mapping[str, object]], *, quiet: bool) -> str:
        built = ""
        for message in messages:
            line = cast(str, message.get("stream", ""))
            self.log.write(line)
            self.log.flush()
            if " : RUN " in line and not quiet:
                self.say(_short(line))
            if line.startswith("Successfully built "):
                built = line.split()[-1]
            if "error" in message:
                raise self.failed(str(message["error"]).strip())
        if not built:
            raise self.failed("the builder named no image")
        return cast(str, cast(_Builder, self.api).inspect_image(built)["Id"])

    def _packages(self, image: str) -> str:
        """The digest of the image's package list."""
        api = cast(_Builder, self.api)
        container = api.create_container(
            image,
            command=["dpkg-query", "--show"],
            entrypoint=[],
            host_config=api.create_host_config(network_mode="none"),
            labels={"offsite.image": self.name},
        )["Id"]
        try:
            api.start(container)
            status = api.wait(container)["StatusCode"]
            listed = api.logs(container, stdout=True, stderr=False)
        finally:
            api.remove_container(container, force=True)
        if status != 0 or not listed:
            raise self.failed("its packages could not be listed")
        self.log.write(listed.decode())
        return hashlib.sha256(b"".join(sorted(listed.splitlines(keepends=True)))).hexdigest()


def debian(build: Build) -> tuple[str, str]:
    """The ground of the chain, and where it came from: pulled, or else made here.

    Raises:
        ImageNotBuilt: neither was possible.
    """
    reason = _pull(build)
    if reason is None:
        attributes = cast(_Builder, build.api).inspect_image(PULLED)
        digests = cast("list[str]", attributes.get("RepoDigests") or [PULLED])
        return PULLED, digests[0]
    build.log.write(f"# {PULLED} was not pulled: {reason}\n")
    return _bootstrap(build, reason), f"mmdebstrap {SUITE}"


def _pull(build: Build) -> str | None:
    """Pull the ground; why not, where no registry answers within seconds."""
    from docker.errors import APIError, DockerException
    from requests import RequestException

    try:
        # The question is put to the engine: it knows its mirrors and proxies.
        cast(_Builder, connect(timeout=5).api).inspect_distribution(PULLED)
        build.say(f"pulling {PULLED}")
        name, _, tag = PULLED.partition(":")
        cast(_Builder, build.api).pull(name, tag=tag)
    except APIError as error:
        return str(error.explanation or error)
    except (DockerException, RequestException, SandboxError) as error:
        return str(error)
    return None


def _bootstrap(build: Build, reason: str) -> str:
    if shutil.which("mmdebstrap") is None:
        raise build.failed(
            f"{PULLED} cannot be pulled ({reason}) and mmdebstrap is not there to make it; "
            "to get it: sudo apt-get install mmdebstrap"
        )
    build.say(f"no registry within reach: making Debian {SUITE} with mmdebstrap")
    with tempfile.TemporaryDirectory(prefix="offsite-debian-") as folder:
        archive = Path(folder) / "debian.tar"
        command = [
            "mmdebstrap",
            "--variant=minbase",
            "--include=ca-certificates",
            f"--dpkgopt={Path(__file__).with_name('images') / 'base' / 'dpkg.cfg'}",
            SUITE,
            str(archive),
        ]
        mirror = os.environ.get("OFFSITE_DEBIAN_MIRROR")
        ended = subprocess.run(
            [*command, mirror] if mirror else command,
            stdin=subprocess.DEVNULL,
            stdout=build.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **site_proxies()},
            check=False,
        )
        if ended.returncode != 0:
            raise build.failed(f"mmdebstrap ended with {ended.returncode}")
        build.say("importing it")
        api = cast(_Builder, build.api)
        answer = api.import_image(src=str(archive), changes=['CMD ["bash"]'])
    identifier = answer.strip().rpartition('"status":"')[2].partition('"')[0]
    if not identifier.startswith("sha256:"):
        raise build.failed(f"the import was refused: {answer.strip()}")
    return identifier


def site_proxies() -> dict[str, str]:
    """The site's proxy settings as environment variables: from the environment, else from apt."""
    names = ("http_proxy", "https_proxy", "no_proxy")
    found = {name: os.environ.get(name) or os.environ.get(name.upper()) or "" for name in names}
    if not found["http_proxy"] and shutil.which("apt-config"):
        command = ["apt-config", "shell", "proxy", "Acquire::http::Proxy"]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        found["http_proxy"] = told.strip().removeprefix("proxy=").strip("'")
    return {name: value for name, value in found.items() if value and value != "DIRECT"}


def _context(recipe: Path) -> bytes:
    """What the builder gets: the recipe's files, and the site's certificates in `ca/`."""
    files = {
        path.relative_to(recipe).as_posix(): path.read_bytes()
        for path in sorted(recipe.rglob("*"))
        if path.is_file()
    }
    files["ca/README"] = b"Certificates of the site, from OFFSITE_CA_DIR.\n"
    # Debian's own place for them: a site whose proxy looks into TLS has its certificate there.
    folder = Path(os.environ.get("OFFSITE_CA_DIR") or "/usr/local/share/ca-certificates")
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.suffix in {".crt", ".pem"}:
                files[f"ca/{path.stem}.crt"] = path.read_bytes()
    return _tar(files)


def _tar(files: Mapping[str, bytes]) -> bytes:
    """An archive whose bytes depend on nothing but the files: the builder's cache compares it."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def _short(line: str) -> str:
    """`Step 3/7 : RUN apt-get …` as one short line."""
    step, _, what = line.strip().partition(" : ")
    return f"{step.lower()}: {' '.join(what.split())[:60]}"


class _Builder(Protocol):
    """The calls of the engine's API that are used here."""

    def build(
        self,
        *,
        fileobj: io.BytesIO,
        custom_context: bool,
        decode: bool,
        rm: bool,
        forcerm: bool,
        tag: str | None,
        buildargs: Mapping[str, str],
        labels: Mapping[str, str],
        network_mode: str | None,
    ) -> Iterable[Mapping[str, object]]: ...
    def inspect_image(self, image: str) -> Mapping[str, object]: ...
    def inspect_distribution(self, image: str) -> Mapping[str, object]: ...
    def pull(self, repository: str, *, tag: str) -> str: ...
    def import_image(self, *, src: str, changes: list[str]) -> str: ...
    def create_host_config(self, *, network_mode: str) -> object: ...
    def create_container(
        self,
        image: str,
        *,
        command: list[str],
        entrypoint: list[str],
        host_config: object,
        labels: Mapping[str, str],
    ) -> Mapping[str, str]: ...
    def start(self, container: str) -> None: ...
    def wait(self, container: str) -> Mapping[str, int]: ...
    def logs(self, container: str, *, stdout: bool, stderr: bool) -> bytes: ...
    def remove_container(self, container: str, *, force: bool) -> None: ...
