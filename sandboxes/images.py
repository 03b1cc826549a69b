"""Images: built once on a machine from the recipes in `images/`, again when a recipe changes.

Every image is one folder with a Dockerfile that starts from the image before it in the chain. The
tag carries the digest of the recipe, which covers the folder and all recipes below it. The ground
is Debian trixie: pulled where the engine reaches a registry, else made by mmdebstrap and imported.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from .building import Build, ImageNotBuilt, Progress, debian
from .cache import cache_folder
from .engine import connect
from .protocol import EngineUnavailable

if TYPE_CHECKING:
    from docker import DockerClient

PARENTS: Mapping[str, str | None] = {
    "base": None,
    "desk": "base",
    "desk-browser": "desk",
    "office": "base",
}
"""Every image, and the one that it is built on."""

_log = logging.getLogger(__name__)

RECIPES = Path(__file__).with_name("images")


@dataclass(frozen=True)
class ImageFacts:
    """What stands in a run's record about an image.

    Attributes:
        tag: `offsite/<name>:<digest of the recipe>`, the same on every machine.
        id: the engine's digest of what was built; differs from build to build.
        packages: sha256 over the sorted list of Debian packages and their versions: two images
            with the same tag and packages hold the same programs.
        debian: where the ground came from: a pulled image with its digest, or mmdebstrap.
    """

    name: str
    tag: str
    id: str
    packages: str
    debian: str


def ensure_image(name: str, progress: Progress | None = None) -> str:
    """The id of this image, built first if it is not there.

    Safe to call from many threads and processes at once: one builds, the others wait. `progress`
    is called with one line for every step; by default the lines are logged as INFO.

    Raises:
        EngineUnavailable: there is no engine.
        ImageNotBuilt: the build failed; the message has its last lines and the path of its log.
        ValueError: there is no such image.
    """
    tag = image_tag(name)
    with contextlib.closing(connect(timeout=60)) as client:
        return _present(client, tag) or _build(client, name, progress or _log.info)


def built_image(name: str) -> str | None:
    """The id of this image, None where it is not there.

    Raises:
        EngineUnavailable: there is no engine.
    """
    with contextlib.closing(connect(timeout=60)) as client:
        return _present(client, image_tag(name))


async def build_apart(name: str, progress: Progress | None = None) -> str:
    """As `ensure_image`, in a process of its own: a build ends at once when this is cancelled."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", __name__, name),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    stdout, stderr = cast(asyncio.StreamReader, process.stdout), process.stderr
    line = ""
    try:
        async for told in stdout:
            line = told.decode(errors="replace").rstrip()
            (progress or _log.info)(line)
        said = (await cast(asyncio.StreamReader, stderr).read()).decode(errors="replace").strip()
        if await process.wait() != 0:
            raise ImageNotBuilt(said.removeprefix("error: "))
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
    return line.rpartition(" ")[2]


def image_facts(name: str) -> ImageFacts | None:
    """What was built under this name, None where it is not there.

    Raises:
        EngineUnavailable: there is no engine.
    """
    tag = image_tag(name)
    with contextlib.closing(connect(timeout=60)) as client:
        attributes = _inspect(client, tag)
    if attributes is None:
        return None
    labels = cast("Mapping[str, Mapping[str, str] | None]", attributes["Config"])["Labels"] or {}
    return ImageFacts(
        name=name,
        tag=tag,
        id=cast(str, attributes["Id"]),
        packages=labels.get("offsite.packages", ""),
        debian=labels.get("offsite.debian", ""),
    )


@cache
def image_tag(name: str) -> str:
    """The tag of this image: `offsite/<name>:<digest>`.

    Raises:
        ValueError: there is no such image.
    """
    return f"offsite/{name}:{_recipe_digest(name)[:12]}"


def old_images() -> Sequence[str]:
    """Tags of Offsite's images whose recipe is not the present one.

    Raises:
        EngineUnavailable: there is no engine.
    """
    wanted = {image_tag(name) for name in PARENTS}
    with contextlib.closing(connect(timeout=60)) as client:
        listed = cast(_Images, client.api).images(filters={"label": "offsite.image"})
    tags = {
        tag for image in listed for tag in cast("Sequence[str] | None", image["RepoTags"]) or ()
    }
    return sorted(tag for tag in tags if tag.startswith("offsite/") and tag not in wanted)


def remove_image(tag: str) -> bool:
    """Remove an image and the layers that only it has; whether it is gone.

    A container and an image that stands on it keep an image.

    Raises:
        EngineUnavailable: there is no engine.
    """
    from docker.errors import APIError, ImageNotFound

    with contextlib.closing(connect(timeout=60)) as client, contextlib.suppress(ImageNotFound):
        try:
            cast(_Images, client.api).remove_image(tag)
        except APIError as error:
            if error.status_code != 409:
                raise
            return False
    return True


class _Images(Protocol):
    """The calls of the engine's API that are used here."""

    def images(self, *, filters: Mapping[str, str]) -> Sequence[Mapping[str, object]]: ...
    def inspect_image(self, image: str) -> Mapping[str, object]: ...
    def remove_image(self, image: str) -> object: ...


def _build(client: DockerClient, name: str, progress: Progress) -> str:
    try:
        return _build_in_turn(client, name, progress)
    except OSError as error:  # of the lock, the log, a temporary folder; not the engine's
        place = error.filename or cache_folder()
        raise ImageNotBuilt(
            f"the image {name!r} could not be built: {place}: {error.strerror or error}; "
            f"look with: df -h {Path(place).parent}"
        ) from error


def _build_in_turn(client: DockerClient, name: str, progress: Progress) -> str:
    from docker.errors import DockerException
    from requests import RequestException

    parent = PARENTS[name]
    below = None if parent is None else _present(client, image_tag(parent))
    if parent is not None and below is None:
        below = _build(client, parent, progress)
    tag = image_tag(name)
    with _turn(name, progress):
        present = _present(client, tag)
        if present:
            return present
        log = cache_folder("logs") / f"image-{tag.rpartition(':')[2]}-{name}.log"
        with log.open("w", encoding="utf-8", errors="replace") as stream:
            build = Build(client.api, name, stream, log, progress, str(_place(name)))
            facts = {"offsite.image": name}
            try:
                if below is None:
                    below, facts["offsite.debian"] = debian(build)
                return build.image(RECIPES / name, parent=below, tag=tag, facts=facts)
            except (DockerException, RequestException) as error:
                raise build.failed(str(error)) from error


def _present(client: DockerClient, tag: str) -> str | None:
    attributes = _inspect(client, tag)
    return None if attributes is None else cast(str, attributes["Id"])


def _inspect(client: DockerClient, tag: str) -> Mapping[str, object] | None:
    from docker.errors import ImageNotFound

    try:
        return cast(_Images, client.api).inspect_image(tag)
    except ImageNotFound:
        return None


def _recipe_digest(name: str) -> str:
    if name not in PARENTS:
        raise ValueError(f"no image {name!r}; there are: {', '.join(PARENTS)}")
    parent = PARENTS[name]
    digest = hashlib.sha256(_recipe_digest(parent).encode() if parent else b"")
    for file in sorted(path for path in (RECIPES / name).rglob("*") if path.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(RECIPES).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


@contextlib.contextmanager
def _turn(name: str, progress: Progress) -> Generator[None]:
    """Hold the right to build this image; it ends with the process, however that ends."""
    with (_place(name) / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"image {name}: another process builds it, waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _place(name: str) -> Path:
    """The folder that owns what the build of this image makes, as a run's folder owns its desks."""
    return cache_folder("builds", name)


def main(names: Sequence[str]) -> int:
    """Build these images (all of them by default) and print each step and the ids."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for name in names or tuple(PARENTS):
            print(f"image {name}: {ensure_image(name, lambda line: print(line, flush=True))}")
    except (EngineUnavailable, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
