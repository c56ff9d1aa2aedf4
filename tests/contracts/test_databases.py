"""A project has several databases: what is in one is not in another."""

from __future__ import annotations

import pytest

from common.storage.documents import Create, Query
from common.storage.firestore import FirestoreDocuments


async def test_databases_of_a_project_are_separate(
    firestore: str, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same path is another document in another database."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore)
    main, access = FirestoreDocuments(project), FirestoreDocuments(project, "herald-access")
    try:
        await main.commit([Create("keys/1", {"name": "main"})])
        await access.commit([Create("keys/1", {"name": "access"})])
        for documents, name in ((main, "main"), (access, "access")):
            assert [one["name"] for one in await documents.query(Query(collection="keys"))] == [name]
            assert (await documents.get("keys/1"))["name"] == name
    finally:
        await main.close()
        await access.close()
