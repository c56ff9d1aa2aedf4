# ruff: noqa: E501 (the lines of the product stand here as they are)
"""The mutants. Each replaces text that stands exactly once in its file; a text that has moved is an error.

When the code changes, look for the sentence in the docstring of the changed function, and put the new text here.
"""

from __future__ import annotations

from dataclasses import dataclass

CLAIMS = "functions/vendor/claims.py"
SENDS = "functions/vendor/recent_sends.py"
DELIVERY = "functions/vendor/delivery.py"
LEDGER = "functions/common/messages/ledger.py"
DEFERRED = "functions/common/messages/deferred.py"
STATES = "functions/common/messages/campaign_state.py"
CREATE = "functions/common/storage/create_if_absent.py"
PUSH = "functions/common/pubsub/push.py"
LIFECYCLE = "functions/campaigns/lifecycle/lifecycle.py"
FINISHING = "functions/campaigns/lifecycle/finishing.py"
LATE = "functions/campaigns/lifecycle/late_reports.py"
LOST = "functions/campaigns/lifecycle/lost_messages.py"
FAN_OUT = "functions/campaigns/sending/fan_out.py"
PLAN = "functions/campaigns/sending/audience_plan.py"
RETRY = "functions/campaigns/sending/retry.py"
RATES = "functions/campaigns/sending/rate_limit.py"
RECORDER = "functions/receipts/recorder.py"
DEAD_LETTER = "functions/receipts/record_dead_letter.py"
JOBS = "functions/customers/imports/jobs.py"
ERASE = "functions/customers/commands/erase.py"
MERGE = "functions/customers/commands/merge.py"
CUSTOMER_WRITES = "functions/common/audience/customer_writes.py"
ACTIVITIES = "functions/customers/commands/record_activities.py"
COMPACTION = "functions/common/audience/index/compaction.py"
COMPACTOR = "functions/common/audience/index/compactor.py"
AUDIT = "functions/members/audit_outbox.py"

CLAIM_TESTS = "tests/unit/test_claims.py"
WALK_TESTS = "tests/component/test_audience_walk.py"
COMPACTION_TESTS = "tests/component/test_audience_compaction.py"
RACE_TESTS = "tests/component/test_races.py"
MERGE_TESTS = "tests/component/test_merge_on_the_way.py"
STORY_TESTS = "tests/unit/test_simulation_stories.py"
CRASH_TESTS = "tests/component/test_crash_points.py"
JOB_TESTS = "tests/component/test_main_job.py"
LATE_TESTS = "tests/component/test_late_reports.py"
EXACT_TESTS = "tests/component/test_exact_delivery.py"
CONSENT_TESTS = "tests/component/test_consent.py"
CAP_TESTS = "tests/component/test_cap_at_claim.py"
INBOX_TESTS = "tests/component/test_one_inbox.py"
DISCREPANCY_TESTS = "tests/component/test_discrepancy.py"
AUDIT_TESTS = "tests/component/test_audit_outbox.py"


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
        old="                await self._documents.commit([*claims.values(), *new_inboxes, *sends.writes(self._clock())])\n",
        new="                from common.storage.documents import Put\n"
        "                await self._documents.commit([Put(one.path, one.data) for one in (*claims.values(), *new_inboxes)])\n",
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
        file=LOST,
        old="            await self._failed_message_retry.send(campaign, to_resend)\n",
        new="            pass\n",
    ),
    Mutant(
        name="pages are read before the counters",
        file=LEDGER,
        old='        shards = await self._documents.query(Query(collection="counters", where=of_campaign))\n'
        "        pages = _folded_pages(shards)\n"
        "        if pages is None:\n"
        '            pages = await self._documents.sums(Query(collection="pages", where=of_campaign), ["audience", "last"])\n',
        new='        sums = await self._documents.sums(Query(collection="pages", where=of_campaign), ["audience", "last"])\n'
        '        shards = await self._documents.query(Query(collection="counters", where=of_campaign))\n'
        "        pages = _folded_pages(shards) or sums\n",
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
        old="self._commit_each([Delete(message.path, message.version) for message in requeued])\n",
        new="self._commit_each([Delete(message.path) for message in requeued])\n",
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="a claim is taken over although there is an outcome",
        file=CLAIMS,
        old="        return {attempt for attempt, outcome in zip(paths, outcomes, strict=True) if outcome.exists}\n",
        new="        return set()\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="the watchdog sends deferred messages again",
        file=LOST,
        old='            if not deferral.exists and (not claim.exists or claim["lease_until"] <= self._clock())\n',
        new='            if not claim.exists or claim["lease_until"] <= self._clock()\n',
        tests=("tests/component/test_watchdog.py",),
    ),
    Mutant(
        name="a page is marked as done before its people are published",
        file=FAN_OUT,
        old='            await self._publish(campaign, page, await self._current_rows(page["planned"]))\n'
        '            await self._documents.commit([Update(page.path, {"done": 1, "last": int(page["final"])})])\n',
        new='            await self._documents.commit([Update(page.path, {"done": 1, "last": int(page["final"])})])\n'
        '            await self._publish(campaign, page, await self._current_rows(page["planned"]))\n',
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
        name="a dead letter loses the attempt that the vendor may have",
        file=DEAD_LETTER,
        old='            identity = message.model_dump() | {"retry_of_attempt": message.retry_of_attempt or message.attempt}\n',
        new="            identity = message.model_dump()\n",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="a dead letter leaves its message unclaimed",
        file=DEAD_LETTER,
        old="            await self._claim(receipt)\n",
        new="",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="a message without report never fails",
        file=LOST,
        old="        return max(since, opened_at or since) <= self._clock() - self._patience\n",
        new="        return False\n",
        tests=(JOB_TESTS,),
    ),
    Mutant(
        name="a retry has failed at once if its first attempt had no report",
        file=LOST,
        old="        return max(since, opened_at or since) <= self._clock() - self._patience\n",
        new="        return since <= self._clock() - self._patience\n",
        tests=("tests/component/test_watchdog.py",),
    ),
    Mutant(
        name="a late report does not replace an assumption",
        file=LEDGER,
        old="                created += await self._replace_assumption(receipt, existing[path])\n",
        new="                pass\n",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="an assumption is counted beside the report that replaces it",
        file=LEDGER,
        old='                "replaces": recorded["kind"],\n',
        new="",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="a claim is taken over over any version",
        file=CLAIMS,
        old="            takeover = Update(claim.path, {**text, **lease}, claim.version)\n",
        new="            takeover = Update(claim.path, {**text, **lease})\n",
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
        old='    text = {name: claim.get(name) for name in TEXT_FIELDS} if claim.get("subject") is not None else {}\n',
        new="    text: dict[str, Any] = {}\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="a claim is taken over although the vendor has accepted the message",
        file=CLAIMS,
        old='        if claim.get("accepted_at") and not (message.ask_again and recognizes_keys(message.vendor)):\n',
        new="        if False:\n",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="what a reader loads is not of one instant",
        file="functions/common/audience/reader.py",
        old="            if then.version != manifest.version:\n",
        new="            if False:\n",
        tests=(WALK_TESTS,),
    ),
    Mutant(
        name="new rows of customers are not compared with the addresses",
        file="functions/campaigns/lifecycle/scheduler.py",
        old="            inspect = self._late_flags.inspect if table is CUSTOMERS else None\n",
        new="            inspect = None\n",
        tests=("tests/component/test_late_flags.py",),
    ),
    Mutant(
        name="an answer of the vendor that cannot be reported is not kept",
        file=DELIVERY,
        old="                await self._claims.keep_answer(message, response)\n",
        new="                pass\n",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="an instance ends the lease of another one",
        file=CLAIMS,
        old='        if claim.get("owner") != lease.owner:\n',
        new="        if False:\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="an instance sends after its lease",
        file=DELIVERY,
        old="        if self._clock() >= lease.until:\n",
        new="        if False:\n",
        tests=(CLAIM_TESTS, EXACT_TESTS),
    ),
    Mutant(
        name="a key that the vendor has forgotten is used again",
        file=DELIVERY,
        old="        return None if is_recognized(message.vendor, sending_since, self._clock()) else FORGOTTEN\n",
        new="        return None\n",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="a message that may have been sent is skipped",
        file=DELIVERY,
        old="        if sending_since is None:\n",
        new="        if sending_since is None or message.skip_reason:\n",
        tests=(CLAIM_TESTS, EXACT_TESTS),
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
        old="        results = await asyncio.gather(*writes, return_exceptions=True)\n",
        new="        results: list[object] = [None for _ in list(writes)]\n",
    ),
    Mutant(
        name="an outcome of anybody is counted where somebody was erased",
        file="functions/receipts/planned_recipients.py",
        old="        return customer_id in bucket\n",
        new='        return customer_id in bucket or _number("erased") in bucket._people\n',
        tests=("tests/component/test_erased_people.py",),
    ),
    Mutant(
        name="a repeated commit of a plan is an error",
        file="functions/campaigns/sending/audience_plan.py",
        old="                Put(_chunk_path(plan, number), ",
        new='                __import__("common.storage.documents").storage.documents.Create(_chunk_path(plan, number), ',
        tests=("tests/component/test_audience_plan.py",),
    ),
    Mutant(
        name="the watchdog asks for a check before it notes it",
        file="functions/campaigns/lifecycle/watchdog.py",
        old="        if has_moved or is_checked:",
        new="        if is_checked:\n"
        "            await self._publish_checks(campaign, is_stalled=is_stalled)\n"
        "        if has_moved or is_checked:",
        tests=("tests/component/test_watchdog.py",),
    ),
    Mutant(
        name="the watchdog forgets a check that was not published",
        file="functions/campaigns/lifecycle/watchdog.py",
        old="is_stalled or self._was_cut_off(progress) or await",
        new="is_stalled or await",
        tests=("tests/component/test_watchdog.py",),
    ),
    Mutant(
        name="the watchdog forgets a check that was not published when the campaign moves",
        file="functions/campaigns/lifecycle/watchdog.py",
        old='        published = not is_checked and progress.get("published", True)\n',
        new="        published = not is_checked\n",
        tests=("tests/component/test_watchdog.py",),
    ),
    Mutant(
        name="an outcome of someone whom no page plans is counted",
        file=RECORDER,
        old="        valid = [receipt for receipt in await self._judge(known) if await self._is_planned(receipt)]\n",
        new="        valid = await self._judge(known)\n",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="a deferred message is deleted before it is published",
        file=DEFERRED,
        old="        unchanged = [message for message in due if message.path not in changed]\n",
        new="        await self._delete(due)\n"
        "        unchanged = [message for message in due if message.path not in changed]\n",
    ),
    Mutant(
        name="delivery does not look whether the campaign is paused",
        file=DELIVERY,
        old="        if state.paused:\n",
        new="        if False:\n",
    ),
    Mutant(
        name="a message that was tried is skipped after a cancellation",
        file=CLAIMS,
        old='    skip_reason = claim.get("skip_reason") or (None if may_have_been_sent else message.skip_reason)\n',
        new='    skip_reason = claim.get("skip_reason") or message.skip_reason\n',
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
        old="            if not outcome.exists and _round_of(opening) < command.round\n",
        new="            if _round_of(opening) < command.round\n",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="attempts are opened although the retry has ended",
        file=RETRY,
        old="        await self._ledger.record(opened, guard=[guard])\n",
        new="        await self._ledger.record(opened)\n",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="an attempt is published before it is recorded",
        file=RETRY,
        old="        await self._ledger.record(opened, guard=[guard])\n"
        '        if command.scope == "unknown":\n'
        "            await asyncio.gather(*(self._forget_sending(failure) for failure in pending))\n"
        '        await self.send(campaign, [(item["message"], item["customer"], item["attempt"] + 1) '
        "for item in pending])\n",
        new='        await self.send(campaign, [(item["message"], item["customer"], item["attempt"] + 1) '
        "for item in pending])\n"
        "        await self._ledger.record(opened, guard=[guard])\n",
    ),
    Mutant(
        name="the commands of a launch are not marked as pending",
        file=LIFECYCLE,
        old='            fields = {**rule, **launched, "links": _links(campaign), "open": True, "commands_pending": True}\n',
        new='            fields = {**rule, **launched, "links": _links(campaign), "open": True, "commands_pending": False}\n',
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
        "        await self._claims.release(lease, may_have_accepted=error.may_have_accepted, tries=tries)\n",
        new='        await self._defer(retry, "vendor", with_jitter(self._clock() + wait))\n',
        tests=(CLAIM_TESTS, JOB_TESTS),
    ),
    Mutant(
        name="a copy of a message is tried as often as if it were new",
        file=CLAIMS,
        old="    tries = max(message.delivery_tries, _tries_of(message.attempt, claim))\n",
        new="    tries = message.delivery_tries\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="delivery does not ask for suppressions",
        file=DELIVERY,
        old="        result = await self._recipient_check.check(message)\n",
        new="        return message\n",
        tests=(CLAIM_TESTS, CONSENT_TESTS),
    ),
    Mutant(
        name="the claim does not take the inbox",
        file=CLAIMS,
        old="                    new.append(_inbox(inbox, message))\n",
        new="",
        tests=(INBOX_TESTS,),
    ),
    Mutant(
        name="a corrected address does not take its inbox",
        file=CLAIMS,
        old="            if needs_inbox(claimed):\n",
        new="            if False:\n",
        tests=(INBOX_TESTS,),
    ),
    Mutant(
        name="a claim does not count for the frequency cap",
        file=CLAIMS,
        old="                await self._documents.commit([*claims.values(), *new_inboxes, *sends.writes(self._clock())])\n",
        new="                await self._documents.commit([*claims.values(), *new_inboxes])\n",
        tests=(CAP_TESTS,),
    ),
    Mutant(
        name="two campaigns count over each other",
        file=SENDS,
        old="Put(stored.path, data, stored.version)",
        new="Put(stored.path, data)",
        tests=(CAP_TESTS,),
    ),
    Mutant(
        name="a message that waited is not held by the cap",
        file=CLAIMS,
        old="            claimed = self._within_cap(claimed, sends)\n",
        new="",
        tests=(CAP_TESTS,),
    ),
    Mutant(
        name="a message is released without a look at its recipient",
        file=RATES,
        old="        return {path: now for (path, event), now in zip(events.items(), current, strict=True) if now != event}\n",
        new="        return {}\n",
        tests=(CONSENT_TESTS,),
    ),
    Mutant(
        name="an old yes ends a newer no",
        file="functions/common/addresses/consent.py",
        old="    return new if new.strength > known.strength else known\n",
        new="    return new\n",
        tests=(CONSENT_TESTS,),
    ),
    Mutant(
        name="a no is not stored with the address",
        file="functions/customers/commands/address_states.py",
        old="            if holding != known:\n",
        new="            if False:\n",
        tests=(CONSENT_TESTS,),
    ),
    Mutant(
        name="customers are stored before what a large commit says about their addresses",
        file="functions/common/storage/optimistic_commit.py",
        old="    for group in (*staged.earlier, staged.last):\n",
        new="    for group in (staged.last, *staged.earlier):\n",
        tests=("tests/component/test_large_commits.py",),
    ),
    Mutant(
        name="the watchdog misses those who are redacted on a page",
        file="functions/campaigns/lifecycle/lost_messages.py",
        old="""        left_out = {*page["skipped"], ERASED_CUSTOMER_ID}""",
        new="""        left_out = {*page["skipped"]}""",
        tests=("tests/component/test_erased_people.py",),
    ),
    Mutant(
        name="people are redacted while the campaign is open",
        file="functions/campaigns/lifecycle/erased_people.py",
        old="""                if not campaign.get("open"):\n""",
        new="""                if True:\n""",
        tests=("tests/component/test_erased_people.py",),
    ),
    Mutant(
        name="a complaint does not suppress the address",
        file="functions/receipts/recorder.py",
        old="                if not await self._ledger.record(receipts, guard=writes) and writes:\n",
        new="                if not await self._ledger.record(receipts) and writes:\n",
        tests=("tests/component/test_callback_consequences.py",),
    ),
    Mutant(
        name="each outcome has a receipt of its own",
        file=LEDGER,
        old="    if kind in OUTCOMES:\n        return OUTCOME\n",
        new="",
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
        name="a campaign is finished although messages are deferred",
        file=FINISHING,
        old="        if await self._deferred.remove_copies(campaign.id):  # what is left is on its way; the next tick looks again\n",
        new="        if True:\n",
        tests=("tests/component/test_deferred.py",),
    ),
    Mutant(
        name="what is deferred while its campaign finishes stays",
        file=FINISHING,
        old="        await self._deferred.remove_copies(campaign.id)  # one may have been deferred right before\n",
        new="",
        tests=("tests/component/test_deferred.py",),
    ),
    Mutant(
        name="a late report leaves the totals of a finished campaign as they were",
        file=LEDGER,
        old='    return {"corrected": True} if any(create.data["kind"] == "corrected" for create in creates) else {}\n',
        new="    return {}\n",
        tests=(LATE_TESTS,),
    ),
    Mutant(
        name="the mark of a late report is removed over any version",
        file=LATE,
        old='    counted = [Update(counter.path, {"corrected": False}, counter.version) for counter in counters]\n',
        new='    counted = [Update(counter.path, {"corrected": False}) for counter in counters]\n',
        tests=(LATE_TESTS,),
    ),
    Mutant(
        name="two ticks have the lease on the deferred messages",
        file=RATES,
        old="                [Put(lease.path, data, lease.version) if lease.exists else Create(lease.path, data)]\n",
        new="                [Put(lease.path, data)]\n",
        tests=("tests/component/test_rate_limit.py",),
    ),
    Mutant(
        name="the steps of a plan are read one after the other, each as it is then",
        file="functions/common/audience/walk.py",
        old="            at=manifests[CUSTOMERS.name].at,\n",
        new="            at=None,\n",
        tests=(WALK_TESTS,),
    ),
    Mutant(
        name="two people with one address in two buckets both get the message",
        file="functions/common/audience/reader.py",
        old=' OR value IN (SELECT value FROM {REACHED}))"\n',
        new=')"\n',
        tests=(WALK_TESTS,),
    ),
    Mutant(
        name="a bucket that is held later lacks the deltas that were loaded before",
        file="functions/common/audience/index/loader.py",
        old="{bucket: blocks.get(bucket, ()) for bucket in buckets}\n",
        new="{bucket: blocks[bucket] for bucket in buckets if bucket in blocks}\n",
        tests=(WALK_TESTS,),
    ),
    Mutant(
        name="a full block keeps the events of somebody who was erased",
        file=COMPACTOR,
        old=' OR {owner} IN (SELECT {owner} FROM fresh WHERE erased)"\n',
        new='"\n',
        tests=(COMPACTION_TESTS,),
    ),
    Mutant(
        name="a full block keeps a tombstone from newer blocks",
        file=COMPACTOR,
        old='f"erased OR id IN',
        new='f"id IN',
        tests=(COMPACTION_TESTS,),
    ),
    Mutant(
        name="a full block keeps a row that has a newer version",
        file=COMPACTOR,
        old="id IN (SELECT id FROM fresh) OR ",
        new="",
        tests=(COMPACTION_TESTS,),
    ),
    Mutant(
        name="a plan is set over another one",
        file=PLAN,
        old="            return planned, [Update(path, fields, current.version)]\n",
        new="            return planned, [Update(path, fields)]\n",
        tests=("tests/component/test_audience_plan.py",),
    ),
    Mutant(
        name="the claims of an open campaign are deleted",
        file=LIFECYCLE,
        old='"summary": None, "retained_since": None, "claims_until": None}\n',
        new='"summary": None, "retained_since": None}\n',
        tests=("tests/component/test_retention.py",),
    ),
    Mutant(
        name="a chunk of an import is marked over any version",
        file=JOBS,
        old=", chunk.version)])\n",
        new=")])\n",
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="a customer is erased over any version",
        file=ERASE,
        old="        deleted = [Delete(customer.path, customer.version), ",
        new="        deleted = [Delete(customer.path), ",
        tests=(RACE_TESTS,),
    ),
    Mutant(
        name="a customer is merged over any version",
        file=MERGE,
        old="        return [Put(other.path, stub | pending, other.version), ",
        new="        return [Put(other.path, stub | pending), ",
        tests=(MERGE_TESTS,),
    ),
    Mutant(
        name="a message to a customer who was merged keeps its address",
        file="functions/common/messages/recipient_check.py",
        old="        while is_merged(customer):\n",
        new="        while False:\n",
        tests=(MERGE_TESTS,),
    ),
    Mutant(
        name="a customer is written over any version",
        file=CUSTOMER_WRITES,
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
    Mutant(
        name="the ledger is counted at another moment than the counters",
        file=LEDGER,
        old="        sums = await self._documents.sums(Query(collection=\"receipts\", where=where, at=at), [])\n",
        new="        sums = await self._documents.sums(Query(collection=\"receipts\", where=where), [])\n",
        tests=(DISCREPANCY_TESTS,),
    ),
    Mutant(
        name="what can be sent again is counted for permanent failures, too",
        file=LEDGER,
        old="    if data.get(\"permanent\"):\n        return 0\n",
        new="",
        tests=(DISCREPANCY_TESTS,),
    ),
    Mutant(
        name="an unknown outcome is not logged",
        file=LEDGER,
        old="        _warn_of_unknown([receipt for path, receipt in first.items() if _is_or_becomes_unknown(existing.get(path))])\n",
        new="",
        tests=(EXACT_TESTS,),
    ),
    Mutant(
        name="what older code has deferred stays where it is",
        file=DEFERRED,
        old="        if cursor.full_read_at == now:\n            await self._adopt(campaign)\n",
        new="",
        tests=("tests/component/test_previous_form.py",),
    ),
    Mutant(
        name="a skipped message keeps the data of an erased person",
        file=DELIVERY,
        old="            return _redacted(message, reason or result.reason)\n",
        new="            return message.model_copy(update={\"skip_reason\": reason or result.reason})\n",
        tests=(CLAIM_TESTS,),
    ),
    Mutant(
        name="an entry of the audit log leaves the outbox before it is in the log",
        file=AUDIT,
        old="        await create_absent(self._access, checked)\n"
        "        mark = {\"expires_at\": now + MARK_RETENTION}\n"
        "        await self._documents.commit([Put(entry.path, mark) for entry in entries])\n",
        new="        mark = {\"expires_at\": now + MARK_RETENTION}\n"
        "        await self._documents.commit([Put(entry.path, mark) for entry in entries])\n"
        "        await create_absent(self._access, checked)\n",
        tests=(AUDIT_TESTS,),
    ),
    Mutant(
        name="an entry of the audit log is written over by the outbox",
        file=AUDIT,
        old="        await create_absent(self._access, checked)\n",
        new="        await self._access.commit([Put(one.path, one.data) for one in checked])\n",
        tests=(AUDIT_TESTS,),
    ),
    Mutant(
        name="nothing stays in the outbox of the audit log",
        file=AUDIT,
        old="        await self._documents.commit([Put(entry.path, mark) for entry in entries])\n",
        new="        await self._documents.commit([__import__(\"common.storage.documents\", fromlist=[\"Delete\"]).Delete(entry.path) for entry in entries])\n",
        tests=(AUDIT_TESTS,),
    ),
)  # fmt: skip
