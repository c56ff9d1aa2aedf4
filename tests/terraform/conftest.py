"""One run of the deployment in memory for all tests that compare what it used."""

from __future__ import annotations

import asyncio

import pytest

from tests.terraform.deployment_run import InMemoryDeployment, run_everything


@pytest.fixture(scope="session")
def deployment() -> InMemoryDeployment:
    """The deployment after the run, with its records and its documents."""
    return asyncio.run(run_everything())
