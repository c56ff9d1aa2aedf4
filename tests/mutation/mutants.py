# ruff: noqa: E501 (the lines of the product stand here as they are)
"""The mutants. Each replaces text that stands exactly once in its file; a text that has moved is an error.

When the code changes, look for the sentence in the docstring of the changed function, and put the new text here.
"""

from __future__ import annotations

from dataclasses import dataclass

CLAIMS = "functions/vendor/claims.py"
DELIVERY = "functions/vendor/delivery.py"
LEDGER = "functions/common/messages/ledger.py"
DEFERRED = "functions/common/messages/deferred.py"
STATES = "functions/common/messages/campaign_state.py"
CREATE = "functions/common/storage/create_if_absent.py"
PUSH = "functions/common/pubsub/push.py"
LIFECYCLE = "functions/campaigns/lifecycle/lifecycle.py"
SCHEDULER = "functions/campaigns/lifecycle/scheduler.py"
WATCHDOG = "functions/campaigns/lifecycle/watchdog.py"
FAN_OUT = "functions/campaigns/sending/fan_out.py"
RETRY = "functions/campaigns/sending/retry.py"
RATES = "functions/campaigns/sending/rate_limit.py"
RECORDER = "functions/receipts/recorder.py"
DEAD_LETTER = "functions/receipts/record_dead_letter.py"
JOBS = "functions/customers/imports/jobs.py"
ERASE = "functions/customers/commands/erase.py"
CUSTOMER = "functions/customers/model/customer.py"
ACTIVITIES = "functions/customers/commands/record_activities.py"
COMPACTION = "functions/common/audience/index/compaction.py"

CLAIM_TESTS = "tests/unit/test_claims.py"
RACE_TESTS = "tests/component/test_races.py"
STORY_TESTS = "tests/unit/test_simulation_stories.py"
CRASH_TESTS = "tests/component/test_crash_points.py"
JOB_TESTS = "tests/component/test_main_job.py"


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One fault in a protocol. `tests` are tried first; then the simulation, then the slow tests."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ()

    def applied_to(self, text: str) -> str:
        """The text with the fault. Raises `ValueError` unless `old` stands in it exactly once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: the text stands {text.count(self.old)} times in {self.file}:\n{self.old}")
        return text.replace(self.old, self.new)


MUTANTS = (
    Mutant(
        name="claims are written over each other",
        file=CLAIMS,
        old="        existing = await create_absent(self._documents, list(creates.values()))\n",
        new="        from common.storage.documents import Put\n"
        "        await self._documents.commit([Put(create.path, create.data) for create in creates.values()])\n"
        "        existing: dict[str, Snapshot] = {}\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="an endpoint acknowledges before it works",
        file=PUSH,
        old="            await self._handle(message)\n",
        new="            import asyncio\n            asyncio.get_running_loop().create_task(self._handle(message))\n",
        tests=("tests/component/test_push_endpoint.py",),
    ),
    Mutant(
        name="receipts are counted again after a lost answer",
        file=CREATE,
        old="            await documents.commit([*missing, *extra_writes(missing)])\n",
        new="            await documents.commit([*missing, *extra_writes(list(creates))])\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="the watchdog sends nothing again",
        file=WATCHDOG,
        old="            await self._failed_message_retry.send(campaign, to_resend)\n",
        new="            pass\n",
    ),
    Mutant(
        name="pages are read before the counters",
        file=LEDGER,
        old='        shards = await self._documents.query(Query(collection="counters", where=of_campaign))\n'
        '        pages = await self._documents.sums(Query(collection="pages", where=of_campaign), ["audience", "last"])\n',
        new='        pages = await self._documents.sums(Query(collection="pages", where=of_campaign), ["audience", "last"])\n'
        '        shards = await self._documents.query(Query(collection="counters", where=of_campaign))\n',
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="a campaign is finished over any version",
        file=LIFECYCLE,
        old='            update = Update(current.path, {**build_fields(current), "state": state}, current.version)\n',
        new='            update = Update(current.path, {**build_fields(current), "state": state},\n'
        '                None if action == "finish" else current.version)\n',
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="an action is committed over any version",
        file=LIFECYCLE,
        old='            update = Update(current.path, {**build_fields(current), "state": state}, current.version)\n',
        new='            update = Update(current.path, {**build_fields(current), "state": state})\n',
        tests=("tests/component/test_api_campaigns.py",),
    ),
    Mutant(
        name="a requeued message is forgotten whatever its version",
        file=DEFERRED,
        old="        deletes = [Delete(message.path, message.version) for message in requeued]\n",
        new="        deletes = [Delete(message.path) for message in requeued]\n",
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="a claim is taken over although there is an outcome",
        file=CLAIMS,
        old="                if outcome.exists\n",
        new="                if False\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="the watchdog sends deferred messages again",
        file=WATCHDOG,
        old='            if not deferral.exists and (not claim.exists or claim["lease_until"] <= self._clock())\n',
        new='            if not claim.exists or claim["lease_until"] <= self._clock()\n',
        tests=(JOB_TESTS,),
    ),
    Mutant(
        name="a page is marked as done before its people are published",
        file=FAN_OUT,
        old='            await self._publish(campaign, page, customers or await self.current_rows(page["planned"]))\n'
        '            await self._documents.commit([Update(page.path, {"done": 1, "last": int(page["final"])})])\n',
        new='            await self._documents.commit([Update(page.path, {"done": 1, "last": int(page["final"])})])\n'
        '            await self._publish(campaign, page, customers or await self.current_rows(page["planned"]))\n',
    ),
    Mutant(
        name="a page is planned over another one",
        file=FAN_OUT,
        old="            await self._documents.commit([Create(page.path, plan)])\n",
        new="            from common.storage.documents import Put\n"
        "            await self._documents.commit([Put(page.path, plan)])\n",
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="a message that was given up loses the attempt that the vendor may have",
        file=DELIVERY,
        old='            await self._report(message, "failed", reason, retry_of_attempt=message.idempotency_attempt)\n',
        new='            await self._report(message, "failed", reason)\n',
    ),
    Mutant(
        name="a dead letter of a delivery loses the attempt that the vendor may have",
        file=DEAD_LETTER,
        old="        return (message.retry_of_attempt or message.attempt) "
        "if self.subscription == MessageReady.topic else None\n",
        new="        return None\n",
    ),
    Mutant(
        name="the last check of the watchdog never comes",
        file=WATCHDOG,
        old="is_last=checks + 1 >= MAX_CHECKS)\n",
        new="is_last=False)\n",
        tests=(JOB_TESTS,),
    ),
    Mutant(
        name="a late report is not moved to the next attempt",
        file=LEDGER,
        old="        reassigned = await self._assign_to_next_attempt(repeated)\n",
        new="        reassigned: list[Receipt] = []\n",
        tests=(JOB_TESTS,),
    ),
    Mutant(
        name="a claim is taken over over any version",
        file=CLAIMS,
        old="            await self._documents.commit([Update(claim.path, self._new_lease(), claim.version)])\n",
        new="            await self._documents.commit([Update(claim.path, self._new_lease())])\n",
        tests=(CLAIM_TESTS, RACE_TESTS),
    ),
    Mutant(
        name="a claim is taken over although its lease runs",
        file=CLAIMS,
        old='        if claim["lease_until"] > self._clock():\n',
        new="        if False:\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="who takes a claim over sends its own text",
        file=CLAIMS,
        old="        return message.model_copy(update={name: claim.get(name) for name in FROZEN_FIELDS})\n",
        new="        return message\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="the state paused is cached",
        file=STATES,
        old="            if not state.paused:\n",
        new="            if True:\n",
        tests=("tests/component/test_api_campaigns.py",),
    ),
    Mutant(
        name="receipts are acknowledged before they are recorded",
        file=RECORDER,
        old="        await asyncio.gather(*(self._batches.enqueue(receipt) for receipt in valid))\n",
        new="        [self._batches.enqueue(receipt) for receipt in valid]\n",
    ),
    Mutant(
        name="a deferred message is deleted before it is published",
        file=DEFERRED,
        old='        await asyncio.gather(*(self._publisher.publish_raw(message["topic"], message["data"], {}) '
        "for message in due))\n"
        "        await self._delete(due)\n",
        new="        await self._delete(due)\n"
        '        await asyncio.gather(*(self._publisher.publish_raw(message["topic"], message["data"], {}) '
        "for message in due))\n",
    ),
    Mutant(
        name="delivery does not look whether the campaign is paused",
        file=DELIVERY,
        old="        if state.paused:\n",
        new="        if False:\n",
    ),
    Mutant(
        name="a message that was tried is skipped after a cancellation",
        file=DELIVERY,
        old="        return await self._with_skip_reason(claim, cancelled=False)\n",
        new="        cancelled = (await self._campaign_states.get(message.campaign_id)).cancelled\n"
        "        return await self._with_skip_reason(claim, cancelled=cancelled)\n",
        tests=(JOB_TESTS,),
    ),
    Mutant(
        name="a retry ends although it was asked for again",
        file=RETRY,
        old='            is_last = campaign.get("retrying") and campaign["retries"] == command.round\n',
        new='            is_last = campaign.get("retrying")\n',
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="the end of a retry is committed over any version",
        file=RETRY,
        old='            return None, [Update(campaign.path, {"retrying": False}, campaign.version)] if is_last else []\n',
        new='            return None, [Update(campaign.path, {"retrying": False})] if is_last else []\n',
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="an attempt that has an outcome is opened again",
        file=RETRY,
        old="for failure, outcome in zip(failures, outcomes, strict=True) if not outcome.exists]\n",
        new="for failure, outcome in zip(failures, outcomes, strict=True)]\n",
    ),
    Mutant(
        name="an attempt is published before it is recorded",
        file=RETRY,
        old="        await self._ledger.record([_retried_receipt(failure, self._clock()) for failure in pending])\n"
        '        await self.send(campaign, [(item["message"], item["customer"], item["attempt"] + 1) '
        "for item in pending])\n",
        new='        await self.send(campaign, [(item["message"], item["customer"], item["attempt"] + 1) '
        "for item in pending])\n"
        "        await self._ledger.record([_retried_receipt(failure, self._clock()) for failure in pending])\n",
    ),
    Mutant(
        name="the commands of a launch are not marked as pending",
        file=LIFECYCLE,
        old='            fields = {**rule, **launched, "open": True, "commands_pending": True}\n',
        new='            fields = {**rule, **launched, "open": True, "commands_pending": False}\n',
    ),
    Mutant(
        name="pending commands are marked as published over any version",
        file=LIFECYCLE,
        old='            await self._documents.commit([Update(campaign.path, {"commands_pending": False}, '
        "campaign.version)])\n",
        new='            await self._documents.commit([Update(campaign.path, {"commands_pending": False})])\n',
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="the lease is not ended after a failed send",
        file=DELIVERY,
        old='        await self._defer(retry, "vendor", with_jitter(self._clock() + wait))\n'
        "        await self._claims.release(message)\n",
        new='        await self._defer(retry, "vendor", with_jitter(self._clock() + wait))\n',
        tests=(CLAIM_TESTS, JOB_TESTS),
    ),
    Mutant(
        name="delivery does not ask for suppressions",
        file=DELIVERY,
        old="        return _redacted(message) if await self._is_suppressed(message) else message\n",
        new="        return message\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="each outcome has a receipt of its own",
        file=LEDGER,
        old="    return OUTCOME if kind in OUTCOMES else kind\n",
        new="    return kind\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="slots of a rate are reserved over any version",
        file=RATES,
        old="    return Put(rate.path, data, rate.version) if rate.exists else Create(rate.path, data)\n",
        new="    return Put(rate.path, data) if rate.exists else Create(rate.path, data)\n",
        tests=("tests/component/test_rate_limit.py",),
    ),
    Mutant(
        name="a chunk of an import is marked over any version",
        file=JOBS,
        old="        return None, [*(() if job[\"dry_run\"] else writes), Update(path, done, chunk.version)]\n",
        new="        return None, [*(() if job[\"dry_run\"] else writes), Update(path, done)]\n",
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="a customer is erased over any version",
        file=ERASE,
        old="        return None, [*suppressed, Delete(customer.path, customer.version), *index_deltas, entry]\n",
        new="        return None, [*suppressed, Delete(customer.path), *index_deltas, entry]\n",
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="a customer is written over any version",
        file=CUSTOMER,
        old="    return Update(before.path, changed, before.version)\n",
        new="    return Update(before.path, changed)\n",
        tests=("tests/unit/test_customer.py", "tests/component/test_record_activities.py"),
    ),
    Mutant(
        name="an activity that is recorded is counted again",
        file=ACTIVITIES,
        old="            Create(activity.path, activity.to_document(now=self.now))\n",
        new="            __import__(\"common.storage.documents\", fromlist=[\"Put\"]).Put(\n"
        "                activity.path, activity.to_document(now=self.now))\n",
        tests=("tests/component/test_record_activities.py",),
    ),
    Mutant(
        name="a compaction is committed over any version",
        file=COMPACTION,
        old="    put = Put(table.manifest_path, advanced.to_document(), expected=snapshot.version)\n",
        new="    put = Put(table.manifest_path, advanced.to_document())\n",
        tests=("tests/component/test_audience_compaction.py",),
    ),
)  # fmt: skip
