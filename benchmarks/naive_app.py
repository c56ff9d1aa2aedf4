"""A typical hobby project, not made slower than necessary: one Flask process, one Firestore write per request, an
audience found by reading every customer, messages sent one after the other, and one update of the row and one of the
campaign for each receipt.

`python -m benchmarks.naive_app app|vendor PORT OTHER_PORT` starts the application or the dummy vendor; each calls the
other. The vendor answers after VENDOR_SECONDS, decides the outcome at random, and calls back.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import requests
from flask import Flask, request
from google.cloud import firestore

Json = dict[str, Any]
FAILURE_SHARE = 0.1


class Naive:
    """The handlers of the application."""

    def __init__(self, db: firestore.Client, vendor: str) -> None:
        self._customers = db.collection("customers")
        self._orders = db.collection("orders")
        self._campaigns = db.collection("campaigns")
        self._log = db.collection("communication_log")
        self._vendor = vendor

    def add_customer(self) -> tuple[Json, int]:
        _, customer = self._customers.add({**request.get_json(), "created_at": firestore.SERVER_TIMESTAMP})
        return {"id": customer.id}, 201

    def add_order(self) -> tuple[Json, int]:
        """Count an order. A duplicate is counted again."""
        order = request.get_json()
        self._orders.add(order)
        increments = {"spend": firestore.Increment(order["amount"]), "orders": firestore.Increment(1)}
        self._customers.document(order["external_id"]).set(increments, merge=True)
        return {}, 201

    def preview(self) -> Json:
        return {"count": sum(1 for _ in audience(self._customers))}

    def run_campaign(self) -> tuple[Json, int]:
        """Send a campaign. The response follows when the vendor has the last message."""
        campaign_request = request.get_json()
        people = list(audience(self._customers))
        _, campaign = self._campaigns.add({"audience": len(people), "sent": 0, "failed": 0})
        for customer in people:
            self._send(campaign.id, customer, campaign_request["message"])
        return {"id": campaign.id}, 201

    def _send(self, campaign: str, customer: Json, message: str) -> None:
        text = message.replace("{name}", customer["name"])
        _, row = self._log.add({"campaign": campaign, "to": customer["email"], "text": text, "status": "pending"})
        mail = {"id": row.id, "campaign": campaign, "to": customer["email"], "text": text}
        requests.post(f"{self._vendor}/send", json=mail, timeout=60)

    def receive(self) -> Json:
        receipt = request.get_json()
        self._log.document(receipt["id"]).update({"status": receipt["status"]})
        self._campaigns.document(receipt["campaign"]).update({receipt["status"]: firestore.Increment(1)})
        return {}

    def show_campaign(self, campaign: str) -> Json:
        return self._campaigns.document(campaign).get().to_dict() or {}


def audience(customers: firestore.CollectionReference) -> Iterator[Json]:
    long_ago = (datetime.now(UTC) - timedelta(days=90)).isoformat()
    for snapshot in customers.stream():
        customer = snapshot.to_dict() or {}
        if (customer["spend"] > 10_000 and customer["visits"] < 3) or customer["last_active_at"] < long_ago:
            yield customer


def create_app(naive: Naive) -> Flask:
    app = Flask("naive")
    app.post("/customers")(naive.add_customer)
    app.post("/orders")(naive.add_order)
    app.post("/preview")(naive.preview)
    app.post("/campaigns")(naive.run_campaign)
    app.get("/campaigns/<campaign>")(naive.show_campaign)
    app.post("/receipts")(naive.receive)
    return app


def create_vendor(app: str, seconds: float) -> Flask:
    """Create the dummy vendor, which responds after `seconds` and then calls back."""
    vendor = Flask("vendor")

    @vendor.post("/send")
    def send() -> Json:
        time.sleep(seconds)
        Thread(target=call_back, args=(request.get_json(),)).start()
        return {"accepted": True}

    def call_back(mail: Json) -> None:
        status = "failed" if random.random() < FAILURE_SHARE else "sent"
        receipt = {"id": mail["id"], "campaign": mail["campaign"], "status": status}
        requests.post(f"{app}/receipts", json=receipt, timeout=60)

    return vendor


def main(role: str, port: int, other_port: int) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    other = f"http://127.0.0.1:{other_port}"
    if role == "app":
        db = firestore.Client(project=os.environ["GOOGLE_CLOUD_PROJECT"])
        create_app(Naive(db, other)).run(port=port)
    else:
        create_vendor(other, float(os.environ.get("VENDOR_SECONDS", "0"))).run(port=port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
