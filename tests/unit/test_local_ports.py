"""Ports: from the environment, checked before anything starts."""

from __future__ import annotations

import socket

import pytest

from local.ports import ANY, PortError, Ports, free_ports


def test_defaults_and_variables() -> None:
    assert Ports.read({}) == Ports(site=5000, firestore=8080, pubsub=8085, auth=9099)
    assert Ports.read({"PORT": "6000", "AUTH_PORT": "6001", "PUBSUB_PORT": ""}) == Ports(site=6000, auth=6001)


@pytest.mark.parametrize("value", ["http", "-1", "70000", "80.5"])
def test_a_wrong_port_names_its_variable(value: str) -> None:
    with pytest.raises(PortError, match="FIRESTORE_PORT"):
        Ports.read({"FIRESTORE_PORT": value})


def test_a_taken_port_is_named_with_its_variable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=f"Port {port} is taken.*PUBSUB_PORT"):
            Ports(site=0, firestore=0, pubsub=port, auth=0).checked()


def test_one_port_for_two_parts() -> None:
    [port] = free_ports(1)
    with pytest.raises(PortError, match=f"{port}"):
        Ports(site=port, firestore=port, pubsub=0, auth=0).checked()


def test_free_ports_differ() -> None:
    checked = ANY.checked()
    assert len({checked.site, checked.firestore, checked.pubsub, checked.auth, *free_ports(50)}) > 50
