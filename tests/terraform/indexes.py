"""The Firestore indexes that Terraform defines."""

from __future__ import annotations

from functools import cache
from typing import cast

from common.storage.indexes import Direction, IndexDefinitions, QueryShape
from tests.terraform.tree import TERRAFORM, Tree

DIRECTIONS: dict[str, Direction] = {"ASCENDING": "asc", "DESCENDING": "desc"}


class TerraformIndexes:
    """A `QueryCheck` with the indexes of every deployment. The files are parsed at the first query."""

    def check(self, shape: QueryShape) -> None:
        deployed_indexes().check(shape)


@cache
def deployed_indexes() -> IndexDefinitions:
    """The indexes of every deployment."""
    return index_definitions(Tree.read_files(TERRAFORM / "firestore.tf"))


def index_definitions(tree: Tree) -> IndexDefinitions:
    """The indexes in the locals of `firestore.tf`: in each of its collections, no other field is indexed by itself."""
    indexed = {
        collection: {name: [DIRECTIONS[order] for order in orders] for name, orders in fields.items()}
        for collection, fields in tree.local("indexed").items()
    }
    return IndexDefinitions(
        composite=[
            (cast(str, index["collection"]), [(name, DIRECTIONS[order]) for name, order in index["fields"]])
            for index in tree.local("indexes").values()
        ],
        unindexed={},
        indexed=indexed,
    )
