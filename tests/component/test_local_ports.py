"""Ports are read from the environment and checked before anything starts."""

from __future__ import annotations

import socket

import pytest

from local.ports import ANY_PORTS, PortError, Ports, free_ports


def test_ports_are_read_from_environment() -> None:
    """Variables override the defaults; empty ones are ignored."""
    assert Ports.read({}) == Ports(site=5000, firestore=8080, pubsub=8085, auth=9099)
    assert Ports.read({"PORT": "6000", "AUTH_PORT": "6001", "PUBSUB_PORT": ""}) == Ports(site=6000, auth=6001)


@pytest.mark.parametrize("value", ["http", "-1", "70000", "80.5"])
def test_invalid_port_names_its_variable(value: str) -> None:
    """The error for an invalid number contains the variable."""
    with pytest.raises(PortError, match="FIRESTORE_PORT"):
        Ports.read({"FIRESTORE_PORT": value})


def test_used_port_is_named_with_its_variable() -> None:
    """The error for a port in use contains the port and its variable."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortError, match=f"Port {port} is taken.*PUBSUB_PORT"):
            Ports(site=0, firestore=0, pubsub=port, auth=0).allocate()


def test_same_port_for_two_services_is_an_error() -> None:
    """A port cannot be given twice."""
    [port] = free_ports(1)
    with pytest.raises(PortError, match=f"{port}"):
        Ports(site=port, firestore=port, pubsub=0, auth=0).allocate()


def test_free_ports_are_distinct() -> None:
    """All free ports are different."""
    allocate = ANY_PORTS.allocate()
    assert len({allocate.site, allocate.firestore, allocate.pubsub, allocate.auth, *free_ports(50)}) > 50
