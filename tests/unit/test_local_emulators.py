"""Where the emulators and Java are looked for, and what is said where there are none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from local.emulators import FIRESTORE, PUBSUB, Emulator, NotInstalled, command, jar, java, java_version


def touched(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def executable(path: Path, script: str) -> Path:
    touched(path).write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def java_saying(folder: Path, version: str) -> Path:
    """A `java` that only knows its version."""
    return executable(folder / "java", f"echo 'openjdk version \"{version}\" 2026-01-01' >&2")


def test_variable_comes_first(tmp_path: Path) -> None:
    named = touched(tmp_path / "mine.jar")
    assert jar(FIRESTORE, {"FIRESTORE_EMULATOR_JAR": str(named), "CLOUDSDK_ROOT_DIR": "/"}) == named
    with pytest.raises(NotInstalled, match="FIRESTORE_EMULATOR_JAR"):
        jar(FIRESTORE, {"FIRESTORE_EMULATOR_JAR": str(tmp_path / "missing.jar")})


@pytest.mark.parametrize(
    ("emulator", "name"),
    [
        (FIRESTORE, "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"),
        (PUBSUB, "platform/pubsub-emulator/lib/cloud-pubsub-emulator-0.8.20-all.jar"),
    ],
)
def test_cloud_sdk_by_variable_or_by_gcloud(tmp_path: Path, emulator: Emulator, name: str) -> None:
    found = touched(tmp_path / "sdk" / name)
    assert jar(emulator, {"CLOUDSDK_ROOT_DIR": str(tmp_path / "sdk")}) == found
    gcloud = executable(tmp_path / "sdk" / "bin" / "gcloud", "")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gcloud").symlink_to(gcloud)
    assert jar(emulator, {"PATH": str(tmp_path / "bin")}) == found


def test_newest_of_several(tmp_path: Path) -> None:
    folder = tmp_path / "platform" / "pubsub-emulator" / "lib"
    old, new = (touched(folder / f"cloud-pubsub-emulator-0.8.{n}-all.jar") for n in (9, 20))
    os.utime(old, (1, 1))
    assert jar(PUBSUB, {"CLOUDSDK_ROOT_DIR": str(tmp_path)}) == new


def test_fetched_with_the_firebase_cli_where_there_is_none(tmp_path: Path) -> None:
    """Once: then it is in the CLI's cache. Where that does not work, the error says what to install."""
    rare = replace(FIRESTORE, pattern="rare*.jar", component="rare-emulator")
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "FIREBASE_EMULATORS_PATH": str(tmp_path / "cache")}
    node = executable(tmp_path / "node", "exit 1")
    with pytest.raises(NotInstalled, match=r"(?s)gcloud components install rare-emulator.*FIRESTORE_EMULATOR_JAR"):
        jar(rare, environ)
    executable(node, 'mkdir -p "$FIREBASE_EMULATORS_PATH"; echo "$2" > "$FIREBASE_EMULATORS_PATH/rare-1.jar"')
    found = jar(rare, environ)
    assert found == tmp_path / "cache" / "rare-1.jar"
    assert found.read_text().strip() == "setup:emulators:firestore"
    node.unlink()
    assert jar(rare, environ) == found


def test_command(tmp_path: Path) -> None:
    named = touched(tmp_path / "mine.jar")
    environ = {"FIRESTORE_EMULATOR_JAR": str(named), "PATH": os.environ["PATH"]}
    start = command(FIRESTORE, 1234, environ)
    assert start[1:] == ["-cp", str(named), FIRESTORE.start[-1], "--host=127.0.0.1", "--port=1234"]


def test_java_must_be_new_enough(tmp_path: Path) -> None:
    """An old one on the PATH is passed over for one that is not."""
    java_saying(tmp_path / "old", "1.8.0_392")
    new = java_saying(tmp_path / "home" / "bin", "21.0.2")
    assert java({"PATH": str(tmp_path / "old"), "JAVA_HOME": str(tmp_path / "home")}) == str(new)
    with pytest.raises(NotInstalled, match="Java 11 or newer"):
        java({"PATH": str(tmp_path / "old")})


@pytest.mark.parametrize(("version", "release"), [("1.8.0_392", 8), ("17.0.15", 17), ("21", 21)])
def test_java_version(tmp_path: Path, version: str, release: int) -> None:
    assert java_version(str(java_saying(tmp_path, version))) == release


def test_java_that_says_nothing() -> None:
    """As the stub on a Mac without Java."""
    assert java_version(shutil.which("true") or "") == 0


def everywhere(environ: Mapping[str, str]) -> bool:
    try:
        return all(jar(emulator, environ) for emulator in (FIRESTORE, PUBSUB))
    except NotInstalled:
        return False


@pytest.mark.skipif(not everywhere(os.environ), reason="Google's emulators are not installed")
def test_on_this_machine() -> None:
    assert Path(java(os.environ)).is_file()
