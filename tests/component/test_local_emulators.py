"""The search for the emulators and Java, and the errors if they are missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from local.emulators import (
    FIRESTORE,
    PUBSUB,
    Emulator,
    EmulatorNotInstalled,
    find_jar,
    find_java,
    java_version,
    start_command,
)


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def write_executable(path: Path, script: str) -> Path:
    touch(path).write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def write_fake_java(folder: Path, version: str) -> Path:
    """Create a `java` that only prints its version."""
    return write_executable(folder / "java", f"echo 'openjdk version \"{version}\" 2026-01-01' >&2")


def test_jar_of_variable_takes_precedence(tmp_path: Path) -> None:
    """The environment variable overrides all other locations, and an invalid path is an error."""
    configured = touch(tmp_path / "mine.jar")
    assert find_jar(FIRESTORE, {"FIRESTORE_EMULATOR_JAR": str(configured), "CLOUDSDK_ROOT_DIR": "/"}) == configured
    with pytest.raises(EmulatorNotInstalled, match="FIRESTORE_EMULATOR_JAR"):
        find_jar(FIRESTORE, {"FIRESTORE_EMULATOR_JAR": str(tmp_path / "missing.jar")})


@pytest.mark.parametrize(
    ("emulator", "name"),
    [
        (FIRESTORE, "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"),
        (PUBSUB, "platform/pubsub-emulator/lib/cloud-pubsub-emulator-0.8.20-all.jar"),
    ],
)
def test_jar_in_cloud_sdk_is_found(tmp_path: Path, emulator: Emulator, name: str) -> None:
    """The Cloud SDK is found by its variable or by `gcloud` on the PATH."""
    jar_path = touch(tmp_path / "sdk" / name)
    assert find_jar(emulator, {"CLOUDSDK_ROOT_DIR": str(tmp_path / "sdk")}) == jar_path
    gcloud = write_executable(tmp_path / "sdk" / "bin" / "gcloud", "")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gcloud").symlink_to(gcloud)
    assert find_jar(emulator, {"PATH": str(tmp_path / "bin")}) == jar_path


def test_newest_of_several_jars_is_used(tmp_path: Path) -> None:
    """The jar with the latest modification time is used."""
    folder = tmp_path / "platform" / "pubsub-emulator" / "lib"
    old, new = (touch(folder / f"cloud-pubsub-emulator-0.8.{n}-all.jar") for n in (9, 20))
    os.utime(old, (1, 1))
    assert find_jar(PUBSUB, {"CLOUDSDK_ROOT_DIR": str(tmp_path)}) == new


def test_missing_jar_is_downloaded_once(tmp_path: Path) -> None:
    """The Firebase CLI downloads a missing jar into its cache; a failure says what to install."""
    rare = replace(FIRESTORE, pattern="rare*.jar", component="rare-emulator")
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "FIREBASE_EMULATORS_PATH": str(tmp_path / "cache")}
    node = write_executable(tmp_path / "node", "exit 1")
    with pytest.raises(
        EmulatorNotInstalled, match=r"(?s)gcloud components install rare-emulator.*FIRESTORE_EMULATOR_JAR"
    ):
        find_jar(rare, environ)
    write_executable(node, 'mkdir -p "$FIREBASE_EMULATORS_PATH"; echo "$2" > "$FIREBASE_EMULATORS_PATH/rare-1.jar"')
    jar_path = find_jar(rare, environ)
    assert jar_path == tmp_path / "cache" / "rare-1.jar"
    assert jar_path.read_text().strip() == "setup:emulators:firestore"
    node.unlink()
    assert find_jar(rare, environ) == jar_path


def test_start_command_contains_jar_and_address(tmp_path: Path) -> None:
    """The command starts Java with the jar, the host and the port."""
    configured = touch(tmp_path / "mine.jar")
    environ = {"FIRESTORE_EMULATOR_JAR": str(configured), "PATH": os.environ["PATH"]}
    start = start_command(FIRESTORE, 1234, environ)
    assert start[1:] == ["-cp", str(configured), FIRESTORE.start[-1], "--host=127.0.0.1", "--port=1234"]


def test_old_java_is_skipped(tmp_path: Path) -> None:
    """An old Java on the PATH is skipped for a newer one; without one, the error says what to install."""
    write_fake_java(tmp_path / "old", "1.8.0_392")
    new = write_fake_java(tmp_path / "home" / "bin", "21.0.2")
    assert find_java({"PATH": str(tmp_path / "old"), "JAVA_HOME": str(tmp_path / "home")}) == str(new)
    with pytest.raises(EmulatorNotInstalled, match="Java 11 or newer"):
        find_java({"PATH": str(tmp_path / "old")})


@pytest.mark.parametrize(("version", "release"), [("1.8.0_392", 8), ("17.0.15", 17), ("21", 21)])
def test_java_version_is_parsed(tmp_path: Path, version: str, release: int) -> None:
    """Old and new formats of the version are parsed."""
    assert java_version(str(write_fake_java(tmp_path, version))) == release


def test_java_without_version_is_ignored() -> None:
    """A program without a version, like the stub on macOS, counts as version 0."""
    assert java_version(shutil.which("true") or "") == 0


def all_installed(environ: Mapping[str, str]) -> bool:
    try:
        return all(find_jar(emulator, environ) for emulator in (FIRESTORE, PUBSUB))
    except EmulatorNotInstalled:
        return False


@pytest.mark.skipif(not all_installed(os.environ), reason="Google's emulators are not installed")
def test_java_on_this_machine_exists() -> None:
    """The Java of this machine is found."""
    assert Path(find_java(os.environ)).is_file()
