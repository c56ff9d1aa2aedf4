"""Google Cloud as far as a deployment meets it: what it refuses, and what it does late. Time passes only when asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from typing import Any

from tests.terraform.provider_values import empty_value

Values = dict[str, Any]

API_BY_RESOURCE = {
    "google_artifact_registry": "artifactregistry",
    "google_billing_budget": "billingbudgets",
    "google_cloud_run": "run",
    "google_cloud_scheduler": "cloudscheduler",
    "google_cloudfunctions2": "cloudfunctions",
    "google_firebase_hosting": "firebasehosting",
    "google_firebase": "firebase",
    "google_firebaserules": "firebaserules",
    "google_firestore": "firestore",
    "google_iam_workload": "iam",
    "google_identity_platform": "identitytoolkit",
    "google_logging": "logging",
    "google_monitoring": "monitoring",
    "google_project_iam": "cloudresourcemanager",
    "google_project_service": "serviceusage",
    "google_pubsub": "pubsub",
    "google_secret_manager": "secretmanager",
    "google_service_account": "iam",
    "google_storage": "storage",
}
"""The API of a resource type by the prefix of its name. The longest prefix applies."""

RIGHTS_TAKE_SECONDS = 60
METRICS_TAKE_SECONDS = 600
BUILD_RIGHTS = ("roles/artifactregistry.writer", "roles/logging.logWriter", "roles/storage.objectViewer")
PUSH_RIGHTS = ("roles/iam.serviceAccountTokenCreator", "roles/run.invoker")

NAMES = {
    "google_cloud_scheduler_job": "name",
    "google_cloudfunctions2_function": "name",
    "google_firestore_database": "name",
    "google_identity_platform_config": "",
    "google_logging_metric": "name",
    "google_pubsub_subscription": "name",
    "google_pubsub_topic": "name",
    "google_secret_manager_secret": "secret_id",
    "google_service_account": "account_id",
    "google_storage_bucket": "name",
}
"""The argument that must be unique in the project; an empty one where there can be only one."""


def api_of(type_: str) -> str:
    return API_BY_RESOURCE[max((prefix for prefix in API_BY_RESOURCE if type_.startswith(prefix)), key=len)]


class CloudError(Exception):
    """The answer of an API that refuses."""


@dataclass
class SimulatedCloud:
    """One project. `operations` are the changes in their order, as (verb, type, name)."""

    apis: set[str] = field(default_factory=set)
    objects: dict[str, tuple[str, Values]] = field(default_factory=dict)  # by id
    created_at: dict[str, int] = field(default_factory=dict)  # by id, in seconds
    operations: list[tuple[str, str, str]] = field(default_factory=list)
    now: int = 0

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._lock = RLock()

    def __deepcopy__(self, memo: object) -> SimulatedCloud:
        """A cloud of its own, without the lock and with later numbers."""
        copy = SimulatedCloud(
            apis=set(self.apis),
            objects={id_: (type_, {**values}) for id_, (type_, values) in self.objects.items()},
            created_at={**self.created_at},
            operations=[*self.operations],
            now=self.now,
        )
        copy._numbers = count(next(self._numbers))
        return copy

    def names(self, type_: str) -> list[str]:
        """Return the names of the objects of a type."""
        return sorted(_name(type_, values) for kind, values in self.objects.values() if kind == type_)

    def decisions(self, type_: str, values: Mapping[str, Any]) -> Callable[[str, Any], Any]:
        """Return what the cloud decides for an attribute of a new object."""
        number = next(self._numbers)

        def decide(name: str, kind: Any) -> Any:
            if name in (known := self._known_values(type_, values)):
                return known[name]
            return f"{type_}-{number}-{name}" if kind == "string" else empty_value(kind)

        return decide

    def _known_values(self, type_: str, values: Mapping[str, Any]) -> Values:
        """Return the computed attributes that others refer to by their content."""
        match type_:
            case "google_project":
                has_account = "cloudbilling" in self.apis
                return {"number": "42", "billing_account": "0000-1111" if has_account else None}
            case "google_service_account":
                email = f"{values['account_id']}@shop.iam.gserviceaccount.com"
                return {"email": email, "member": f"serviceAccount:{email}"}
            case "google_project_service_identity":
                return {"member": "serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com"}
            case "google_project_iam_custom_role":
                return {"name": f"projects/shop/roles/{values['role_id']}"}
            case "archive_file":
                return {"output_sha256": str(hash(str(values)))}
        return {}

    def create(self, type_: str, values: Values, config: Mapping[str, Any]) -> None:
        with self._lock:
            if type_ == "time_sleep":
                self.now += int(re.sub(r"\D", "", values["create_duration"]))
            elif type_.startswith("google"):
                self._refuse_creation(type_, values)
            self.objects[values["id"]] = (type_, values)
            self.created_at[values["id"]] = self.now
            self.operations.append(("create", type_, _name(type_, values)))
            if type_ == "google_project_service":
                self.apis.add(values["service"].partition(".")[0])

    def _refuse_creation(self, type_: str, values: Values) -> None:
        if api_of(type_) not in self.apis:
            raise CloudError(f"Error 403: {api_of(type_)} API has not been used in project 42 before or it is disabled")
        if type_ in NAMES and _name(type_, values) in self.names(type_):
            raise CloudError(f"Error 409: {type_} {_name(type_, values)} already exists")
        match type_:
            case "google_monitoring_alert_policy":
                self._refuse_young_metrics(values)
            case "google_cloudfunctions2_function":
                self._refuse_young_rights(BUILD_RIGHTS, "the build")
            case "google_pubsub_subscription":
                self._refuse_young_rights(PUSH_RIGHTS, "the push")

    def _refuse_young_metrics(self, values: Values) -> None:
        wanted = set(re.findall(r"logging\.googleapis\.com/user/([\w/]+)", str(values["conditions"])))
        for id_, (kind, metric) in self.objects.items():
            is_young = self.now - self.created_at[id_] < METRICS_TAKE_SECONDS
            if kind == "google_logging_metric" and metric["name"] in wanted and is_young:
                raise CloudError(f"Error 404: Cannot find metric(s) that match type = {metric['name']}")

    def _refuse_young_rights(self, roles: tuple[str, ...], what: str) -> None:
        ages = {
            values["role"]: self.now - self.created_at[id_]
            for id_, (kind, values) in self.objects.items()
            if "iam_member" in kind
        }
        for role in roles:
            if ages.get(role, 0) < RIGHTS_TAKE_SECONDS:
                raise CloudError(f"Error 403: {what} lacks {role}, which takes a minute to apply")

    def read(self, type_: str, values: Values) -> Values | None:
        with self._lock:
            found = self.objects.get(values["id"])
            return None if found is None else {**found[1]}

    def update(self, type_: str, values: Values) -> None:
        with self._lock:
            self.objects[values["id"]] = (type_, values)
            self.operations.append(("update", type_, _name(type_, values)))

    def delete(self, type_: str, values: Values) -> None:
        with self._lock:
            if values.get("deletion_protection"):
                raise CloudError(f"cannot destroy {type_} without setting deletion_protection=false")
            if values.get("delete_protection_state") == "DELETE_PROTECTION_ENABLED" and not _is_kept(type_, values):
                raise CloudError("Error 400: the database is protected")
            self.operations.append(("delete", type_, _name(type_, values)))
            if not _is_kept(type_, values):
                self.objects.pop(values["id"], None)

    def find(self, type_: str, id_: str) -> Values:
        """Return the values of what is imported."""
        for kind, values in self.objects.values():
            if kind == type_ and (not _name(type_, values) or _name(type_, values) in id_):
                return values
        raise CloudError("Cannot import non-existent remote object")


def _is_kept(type_: str, values: Mapping[str, Any]) -> bool:
    """Some things stay in the project when Terraform forgets them."""
    always = type_ in {"google_identity_platform_config", "google_firebase_project"}
    api = type_ == "google_project_service" and values.get("disable_on_destroy") is False
    return always or api or values.get("deletion_policy") == "ABANDON"


def _name(type_: str, values: Mapping[str, Any]) -> str:
    if NAMES.get(type_) == "":
        return ""
    for name in (NAMES.get(type_, "name"), "display_name", "service", "collection"):
        if name and isinstance(values.get(name), str):
            return str(values[name])
    return ""
