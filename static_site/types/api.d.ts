/** The JSON of the API, as far as the site uses it. The models in `functions/` define it; times are ISO 8601 texts. */

declare namespace Api {
  /** One bad field of a request: `{field: "message.body", code, message}`. */
  interface FieldError {
    field: string;
    code?: string;
    message: string;
    /** Of a rule: the character, from 1. */
    position?: number;
    /** What the whole field may be meant to be. */
    suggestion?: string;
    /** The limit that the value is beyond. */
    limit?: number;
  }

  /** Problem details (RFC 9457). */
  interface Problem {
    /** `urn:herald:<code>`. */
    type?: string;
    status: number;
    title?: string;
    detail?: string;
    errors?: FieldError[];
  }

  interface Page<Item> {
    items: Item[];
    /** The `after` of the next page; null on the last page. */
    next: string | null;
    /** How many there are in all, where the list says so. */
    total?: number;
    /** Of customers: nobody matches the search exactly, and the names are similar. */
    forgave_typos?: boolean;
  }

  interface FirebaseConfig {
    apiKey?: string;
    projectId?: string;
    authDomain?: string;
    /** Only in the local stack. */
    authEmulatorUrl?: string;
  }

  interface Me {
    email: string;
    role: "viewer" | "manager" | "admin";
    /** Whether a manager or an admin may launch campaigns. */
    may_send?: boolean;
    /** ISO 4217. */
    currency: string;
  }

  interface Member {
    /** An e-mail, or `@` and a domain for everybody there. */
    address: string;
    role: Me["role"];
    may_send: boolean;
    by: string | null;
    created_at: string | null;
    is_first_admin: boolean;
  }

  /** What some messages are about. */
  interface Topic {
    name: string;
    /** By language. */
    labels: Record<string, string>;
  }

  interface Key {
    id: string;
    name: string;
    role: Me["role"];
    by: string;
    created_at: string;
    expires_at: string | null;
    last_used_at: string | null;
  }

  /** The only answer that has the key itself. */
  interface NewKey extends Key {
    key: string;
  }

  type EventType =
    | "message.sent"
    | "message.failed"
    | "message.opened"
    | "message.clicked"
    | "message.unsubscribed"
    | "customer.changed"
    | "campaign.finished";

  interface Webhook {
    id: string;
    name: string;
    url: string;
    events: EventType[];
    enabled: boolean;
    needs_attention: "failing" | "gone" | null;
    failing_since: string | null;
    last_success_at: string | null;
    previous_secret_until: string | null;
    by: string;
    created_at: string;
  }

  /** The only answers that have the secret. */
  interface NewWebhook extends Webhook {
    secret: string;
  }

  interface EventAttempt {
    id: string;
    type: string;
    status: number | null;
    error: string | null;
    milliseconds: number;
  }

  /** The requests for events that happened together. */
  interface WebhookAttempt {
    at: string;
    attempt: number;
    events: EventAttempt[];
    not_tried: number;
    next_at: string | null;
  }

  /** What a member or an API key did with a campaign. */
  interface CampaignAction {
    id: string;
    who: string;
    what: string;
    when: string;
  }

  /** One action in the audit log. */
  interface AuditEntry {
    id: string;
    who: string;
    what: string;
    when: string;
    /** What it concerned: ids and numbers. */
    about: Record<string, unknown>;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
  }

  /** A field of customers, a part of one such as the first name, or the consent to one channel. */
  interface Field {
    name: string;
    label: string;
    kind: "text" | "money" | "whole" | "date" | "list" | "map" | "flag";
    /** The `op` of the rules that can test it; empty if rules cannot. */
    operators: string[];
    in_messages: boolean;
    sortable: boolean;
    in_imports: boolean;
    /** Whether it identifies the customer in a file. */
    is_identifier: boolean;
    headings: string[];
  }

  interface Customer {
    id: string;
    name: string | null;
    email: string | null;
    phone: string | null;
    city: string | null;
    tags: string[];
    spend: number;
    visits: number;
    last_active_at: string | null;
  }

  /** Whom a change of many is about: some by their ids, those who match, or everybody. */
  interface BulkChoice {
    ids?: string[];
    filter?: string;
    search?: string;
    everybody?: boolean;
    after?: string;
  }

  interface BulkAnswer {
    changed: string[];
    unchanged: number;
    missing: number;
    rejected: number;
    total: number;
    next: string | null;
  }

  interface CustomerMessage {
    id: string;
    campaign: string;
    campaign_name: string | null;
    at: string;
    to: string | null;
    subject: string | null;
    body: string | null;
    state: Outcome;
    reason: string | null;
    cause: string | null;
    retryable: boolean;
    history: { kind: string; at: string; reason: string | null }[];
  }

  interface Activity {
    event_id: string;
    type: string;
    at: string;
    amount: number | null;
    fields: Record<string, unknown>;
  }

  interface SuppressionInput {
    email?: string;
    phone?: string;
    reason?: string;
  }

  interface LiftRequest extends SuppressionInput {
    /** The reason that is shown: another one is not lifted. */
    lifts?: string;
  }

  interface SuppressedAddress {
    kind: string;
    address: string;
    reason: string;
    by: string;
    at: string;
  }

  /** `address` is null if only its fingerprint is kept, as of an erased person. */
  interface Suppression extends Omit<SuppressedAddress, "address"> {
    id: string;
    address: string | null;
  }

  interface CustomerDetails extends Customer {
    external_id: string | null;
    company: string | null;
    first_name: string | null;
    last_name: string | null;
    timezone: string | null;
    orders: number;
    created_at: string;
    attributes: Record<string, unknown>;
    consent: Record<string, boolean>;
    activities: Activity[];
    messages: CustomerMessage[];
    suppressions: SuppressedAddress[];
  }

  interface DuplicateCustomer {
    id: string;
    name: string | null;
    external_id: string | null;
    spend: number;
    orders: number;
    created_at: string;
  }

  /** The customers who have one address: at most the oldest 20 of them. */
  interface DuplicateGroup {
    kind: string;
    address: string;
    total: number;
    customers: DuplicateCustomer[];
  }

  interface Merge {
    done: boolean;
    customer: Customer;
    activities: number;
    messages: number;
    conflicts: { field: string; kept: unknown; dropped: unknown }[];
  }

  interface RowResult {
    row: number;
    status: string;
    errors: FieldError[];
  }

  interface ImportResponse {
    results: RowResult[];
    accepted: number;
    import_id: string | null;
  }

  interface ImportUndo {
    state: "running" | "done" | "failed";
    reason: string | null;
    by: string;
    at: string;
    removed: number;
    put_back: number;
    /** People of whom something newer was kept, by reason. */
    kept: { activities: number; messages: number; named: number; changed: number; merged: number; erased: number };
    /** People whose no in the file stays. */
    opt_outs: number;
  }

  interface ImportStatus {
    id: string;
    what: "customers" | "activities";
    state: "uploading" | "processing" | "completed" | "aborted" | "failed" | "cancelled";
    by: string;
    at: string;
    file: string | null;
    /** Until when it can be undone; null if it cannot. */
    undo_until: string | null;
    undo: ImportUndo | null;
    counted: number;
    duplicate: number;
    reason: string | null;
    dry_run: boolean;
    rows: number;
    done: number;
    created: number;
    updated: number;
    unchanged: number;
    rejected: number;
    /** Rows of which cells were left out. */
    warned: number;
  }

  /** A row's problem: what was there, and what to do. */
  interface RowProblem extends FieldError {
    row: number;
    value: string | null;
  }

  interface Column {
    /** The heading, with a number if it stands there before. */
    key: string;
    /** The field that the column is imported as; "" where it is not imported. */
    field: string;
    type: string;
    format: string | null;
    decided_by: "caller" | "values" | "settings";
    /** Whether it is used only where a column before it is empty. */
    is_alternative: boolean;
    /** Whether its heading speaks of consent, although nothing in it counts as such. */
    may_be_consent: boolean;
    samples: string[];
    misfits: number;
    misfit_examples: RowProblem[];
    words: { word: string; meaning: "granted" | "denied" | "unknown" | "nothing"; count: number }[];
  }

  /** How the reader wants a column to be read. */
  interface ColumnChoice {
    field?: string;
    type?: string;
    format?: string;
  }

  /** What a file has. */
  type FileKind = "customers" | "activities" | "suppressions";

  /** What is left when the latest suppression of an address is lifted: a no that a bounce had hidden. */
  interface LiftAnswer {
    remaining: { channels: Channel[]; reason: string; by: string; at: string } | null;
  }

  interface SuppressionAnswer {
    suppressed: number;
    rejected: { row: number; errors: FieldError[] }[];
  }

  /** What a member chose for the columns of a file, for the next file with the same headings. */
  interface SavedMapping {
    id: string;
    name: string;
    columns: Record<string, ColumnChoice>;
    /** Columns whose field does not exist any more. */
    outdated: string[];
    by: string;
    at: string;
  }

  interface ImportPreview {
    /** Saved for such a file, the newest first. */
    mappings: SavedMapping[];
    problem: string | null;
    format: string;
    looks_like: FileKind;
    /** Of a file of orders or visits: the type of all rows; null if a column has it. */
    type: string | null;
    /** Of a file of orders or visits. */
    activities: {
      types: Record<string, number>;
      /** Lines that belong to the order of the line before. */
      joined: number;
      refunded: number;
      /** Orders that were refunded in full or cancelled. */
      undone: number;
      currencies: Record<string, number>;
      currency: string;
      /** How many found their customer, by what. */
      found_by: Record<string, number>;
      unknown: number;
    } | null;
    encoding: string | null;
    header_row: number | null;
    sheets: string[];
    columns: Column[];
    rows: number;
    rejected: number;
    warned: number;
    repeated: number;
    shared_addresses: number;
    compared: number;
    new: number;
    known: number;
    unclear: number;
  }

  /** A node of a rule tree: an operator with its arguments. `of` has the nodes below it. */
  interface RuleNode {
    op: string;
    of?: RuleNode | RuleNode[];
    field?: string;
    measure?: string;
    compare?: string;
    [argument: string]: unknown;
  }

  /** A rule in a request: as a text or as a tree. */
  interface RuleInput {
    text?: string;
    rules?: RuleNode;
    channel?: string;
  }

  /** An audience in a request: a rule, or a saved segment. */
  interface AudienceInput extends RuleInput {
    segment_id?: string;
  }

  /** A stored rule. `description` is the rule in a natural language. */
  interface Rule {
    text: string;
    tree: RuleNode;
    description: string;
  }

  interface RulePart {
    path: string;
    text: string;
    words: string;
  }

  interface Preview {
    rules: RuleNode;
    text: string;
    words: string;
    count: number;
    /** First the whole rule, then its parts. `count` is how many customers match that part alone. */
    parts: (RulePart & { count: number })[];
    /** How many of `count` would get no message, by reason. */
    excluded: Record<string, number>;
    /** Of the others, how many of whom nobody knows whether they agreed. */
    unknown_consent: number;
    /** Whom the rule leaves out that its author may not expect. */
    notes: RuleNote[];
    samples: Sample[];
  }

  /** People whom a rule leaves out, and the rule that includes them. */
  interface RuleNote {
    code: "never_active_left_out" | "other_kind";
    field: string;
    people: number;
    suggestion: string | null;
    /** Of `other_kind`: with what the rule compares the attribute. */
    kind: "flag" | "number" | "date" | "text" | null;
  }

  /** One of the customers whom a rule matches. */
  type Sample = Pick<Customer, "id" | "name" | "email" | "spend" | "visits" | "last_active_at">;

  interface Histogram {
    count: number;
    missing: number;
    bins: { low: number | string; high: number | string; count: number }[];
    values: { value: string; count: number }[];
    others: number;
  }

  type AttributeType = "number" | "text" | "flag" | "date" | "list" | "map";

  interface Attribute {
    name: string;
    field: string;
    type: AttributeType;
    /** Whether somebody chose the type. */
    is_chosen: boolean;
    people: number;
    /** How many people have a value of another type. */
    others: number;
    other_examples: string[];
    examples: string[];
  }

  interface Segment {
    id: string;
    name: string;
    /** A static one has a list of people. */
    kind: "rule" | "static";
    rule: Rule;
    count: number;
    /** Of a static one: the people of its list, also those whom nobody is yet. */
    entries: number | null;
    /** Of the last days on which it was counted, the oldest first. */
    sizes: SegmentSize[];
  }

  /** How many customers were in a segment on a day, as `2026-11-28`. */
  interface SegmentSize {
    day: string;
    count: number;
  }

  type ListMode = "add" | "remove" | "replace";

  /** What a change of the people of a static segment does, or has done. */
  interface ListChange {
    known: number;
    unknown: number;
    repeated: number;
    rejected: number;
    rejections: { row: number; errors: FieldError[] }[];
    entries: number;
    customers: number;
  }

  /** A segment with the number of campaigns whose audience it is. */
  interface ListedSegment extends Segment {
    used_by: number;
  }

  interface SegmentDetails extends ListedSegment {
    campaigns: { id: string; name: string; state: CampaignState }[];
    /** Null if the rule cannot be counted any more. */
    count_now: number | null;
  }

  interface Channel {
    name: string;
    label: string;
    /** Whether the person sees the subject of a message. */
    has_subject: boolean;
  }

  /** A form for other sites, and how many people have asked with it and confirmed. */
  interface Form {
    id: string;
    name: string;
    channel: "email";
    topics: string[];
    thank_you: string;
    redirect_url: string | null;
    allowed_origins: string[];
    /** Also of pages that do not say which site they are of. */
    accepts_hidden_sites: boolean;
    vendor: string;
    confirmation: { subject: string; body: string; button: string };
    asked: number;
    confirmed: number;
    created_at: string;
    created_by: string;
  }

  interface Vendor {
    name: string;
    label: string;
    hint: string;
    /** A campaign can use only these. */
    channels: Channel[];
    /** False if no person ever gets a message. */
    sends_real_messages: boolean;
    /** Whether this deployment has the settings of the vendor. */
    available: boolean;
  }

  type CampaignState = "draft" | "scheduled" | "running" | "paused" | "finished" | "cancelled";
  type Outcome = "sent" | "failed" | "skipped" | "unknown" | "pending";

  /** A rule from plain words with its count, or questions. */
  interface AssistedRule {
    rule: Rule | null;
    count: number | null;
    /** How negatives were taken. */
    notes: { code: "missing_included" | "missing_left_out" | "never_active_left_out"; field: string }[];
    questions: { code: "number" | "name" | "date" | "rule" | "unclear" | "audience"; about: string }[];
  }

  /** A draft for a goal, or questions about it. */
  interface CampaignPlan {
    campaign: Campaign | null;
    audience: AssistedRule;
    messages: { angle: "benefit" | "personal" | "question"; message: CampaignSettings["message"] }[];
    refused: { angle: string; reason: string }[];
    send_at: string | null;
    send_at_reason: "said" | "next_morning" | null;
  }

  /** A sentence that texts are put together of, with slots such as ⟦offer⟧. */
  interface Sentence {
    place: "subject" | "opening" | "argument" | "closing";
    text: string;
    language: string;
    /** Of whom all of these are true; empty: for everybody. */
    traits: string[];
    /** A person answers for it, although the checks refuse it. */
    approved: boolean;
    approved_by?: string | null;
  }

  interface JudgedSentence extends Sentence {
    /** Why it is not used: `promise: …`. */
    problem: string | null;
  }

  /** How Gemini writes; null is as the message itself is written. */
  interface WritingStyle {
    /** `sentences` or `free`; without it, as it was. */
    writing?: string;
    tone: string | null;
    length: string | null;
    /** `en`, `hi`, or `person` for the language of each. */
    language: string | null;
    instructions: string;
    forbidden_words: string[];
    /** The most calls of Gemini; the others get the template. */
    max_calls: number | null;
    /** How many texts people alike share; null: everybody has their own. */
    variants_per_group?: number | null;
    /** What Gemini may fit a text to; null: all that it can. */
    allowed_fields: string[] | null;
  }

  interface TrackingChoice {
    /** Null: as the deployment does. */
    enabled: boolean | null;
    /** Added to links that do not have them. */
    utm: { source?: string; medium?: string; campaign?: string } | null;
  }

  interface CampaignSettings extends AudienceInput {
    name: string;
    message: Campaign["message"];
    personalization: string;
    vendor: string;
    channel: string;
    per_minute: number | null;
    /** What the message is about, one of the topics; null: none of them. */
    topic?: string | null;
    /** Of several customers with one address, only one gets a message. */
    one_per_address: boolean;
    /** Of this campaign, such as `21:00-09:00`, or `off`; null: those of the deployment. */
    quiet_hours?: string | null;
    /** The share of those who would get the message that gets none; 0: nobody. */
    holdout_percent?: number;
    tracking?: TrackingChoice;
    /** The hour of each person's own day in which the message is sent; null: any. */
    local_hour?: number | null;
    /** Such as `3/7`: at most 3 messages in 7 days for each person on the channel; or `off`; null: as in the settings. */
    frequency_cap?: string | null;
    /** For so many days after the message an order counts; null: as in the settings. */
    conversion_days?: number | null;
    /** How the simulator behaves; null: as in the settings. */
    simulation?: Simulation | null;
    style?: WritingStyle;
    /** What texts are put together of. */
    sentences?: Sentence[];
  }

  interface ChecklistItem {
    code: "name" | "audience" | "recipients" | "message" | "sender";
    state: "ok" | "missing" | "wrong";
    errors: FieldError[];
  }

  /** What a campaign needs before it can be launched, and whom it would reach now. */
  interface Checklist {
    ok: boolean;
    items: ChecklistItem[];
    /** Null while there is no valid audience. */
    recipients: {
      count: number;
      excluded: Record<string, number>;
      reachable: number;
      unknown_consent: number;
    } | null;
    /** Whether a second person has to approve it as it is, and has done so. */
    approval: "not_needed" | "needed" | "given";
  }

  /** One person of the audience, and what they would get. */
  /** How the simulator behaves for one campaign; null: as in the settings of this Herald. */
  interface Simulation {
    success_share: number | null;
    latency_seconds: number | null;
    duplicate_share: number | null;
    reorder_seconds: number;
    outage_seconds: number;
  }

  /** The medians of earlier campaigns on the same channel, as shares of the audience or of the sent messages. */
  interface Comparison {
    usual: { kind: string; share: number; campaigns: number }[];
  }

  interface MessageText {
    subject: string;
    body: string;
    preview?: string;
    marked?: string[] | null;
  }

  /** How many people of the audience speak which language; null: none that is known. */
  interface MessageLanguages {
    reachable: number;
    is_audience: boolean;
    people: { language: string | null; count: number }[];
    /** The languages that a message can have a text in. */
    available: string[];
  }

  interface PersonPreview {
    customer_id: string;
    name: string | null;
    /** Why this person is shown. */
    choice: "random" | "no_name" | "long_name" | "other_language";
    /** The fields of the message that the person lacks. */
    missing: string[];
    /** Which of the message's texts it is; null if it has only one. */
    language?: string | null;
    template: { subject: string; body: string };
    /** What mail programs show beside the subject. */
    preview?: string | null;
    /** Null if Gemini was not asked, or its text did not pass. */
    gemini: { subject: string; body: string } | null;
    /** Why Gemini's text did not pass. */
    fallback: string | null;
  }

  interface MessagePreview {
    reachable: number;
    /** False: there is no valid audience yet, so the people are any customers. */
    is_audience: boolean;
    people: PersonPreview[];
    /** How many people lack a field that the message uses. */
    missing: { field: string; count: number }[];
  }

  /** A test message that was sent. */
  interface SentTest {
    to: string[];
    customer_id: string | null;
    /** Which of the message's texts it is; null if it has only one. */
    language?: string | null;
    subject: string;
    body: string;
    personalized_by: string;
    fallback: string | null;
  }

  /** What a launch would cost now, and how long it would take. */
  interface Estimate {
    reachable: number;
    currency: string;
    /** Null if Gemini is not asked; `cost` is null if nobody knows the exchange rate. */
    gemini: { calls: number; input_tokens: number; output_tokens: number; cost: number | null } | null;
    /** The lower of the campaign's and the vendor's rate. */
    per_minute: number | null;
    seconds: number | null;
    missing: { field: string; count: number }[];
    /** On the channel `sms`. */
    segments?: { total: number; most: number; is_unicode: boolean } | null;
    waiting: WaitingEstimate;
  }

  /** Who waits for the clock where they are, and when everybody has got the message. */
  interface WaitingEstimate {
    /** Those that apply; null without any. */
    quiet_hours: string | null;
    people: { reason: "quiet_hours" | "local_hour"; count: number; until: string }[];
    done_at: string;
  }

  type FactKind = "link" | "email" | "phone" | "code" | "offer" | "amount" | "until" | "number" | "promise" | "marked";

  interface MessagePart {
    text: string;
    kind: FactKind | "value" | null;
  }

  /** A text for one person, with the fields filled in. */
  interface MailRequest {
    subject: string;
    body: string;
    preview: string;
    /** Then it has no link to unsubscribe. */
    transactional: boolean;
    utm: TrackingChoice["utm"];
    /** Which of a campaign's texts it is. */
    language: string | null;
  }

  interface RenderedMail {
    html: string;
    /** Where a browser can post `html` within a day, to be shown it. */
    page: string;
  }

  interface MessageFacts {
    subject: MessagePart[];
    body: MessagePart[];
    facts: { text: string; kind: FactKind }[];
    marked: { phrase: string; is_found: boolean }[];
  }

  interface Campaign {
    id: string;
    name: string;
    segment_id: string | null;
    /** Null in a draft without a valid audience. */
    rule: Rule | null;
    /** In a draft: the text that was typed as its rule, while it is not valid. */
    rule_text: string | null;
    /** The texts of `languages` are for people who speak them; everybody else gets the message itself. */
    message: MessageText & { languages?: Record<string, MessageText> | null };
    channel: string;
    vendor: string;
    personalization: string;
    /** It goes to people without a consent, too. */
    transactional?: boolean;
    per_minute: number | null;
    /** What the message is about, one of the topics; null: none of them. */
    topic?: string | null;
    /** Of several customers with one address, only one gets a message. */
    one_per_address: boolean;
    /** Of this campaign, such as `21:00-09:00`, or `off`; null: those of the deployment. */
    quiet_hours?: string | null;
    /** The share of those who would get the message that gets none; 0: nobody. */
    holdout_percent?: number;
    tracking?: TrackingChoice;
    /** The hour of each person's own day in which the message is sent; null: any. */
    local_hour?: number | null;
    /** Such as `3/7`: at most 3 messages in 7 days for each person on the channel; or `off`; null: as in the settings. */
    frequency_cap?: string | null;
    /** For so many days after the message an order counts; null: as in the settings. */
    conversion_days?: number | null;
    /** How the simulator behaves; null: as in the settings. */
    simulation?: Simulation | null;
    style?: WritingStyle;
    /** What texts are put together of. */
    sentences?: Sentence[];
    state: CampaignState;
    start_at: string | null;
    /** Not in the list. */
    archived?: boolean;
    start_error: string | null;
    start_error_code: StartErrorCode | null;
    created_at: string;
    created_by: string;
    launched_at: string | null;
    launched_by: string | null;
    /** A second person, if somebody approved it as it is. */
    approved_by: string | null;
    approved_at: string | null;
    /** The audience is everybody whom the rule found at this moment. */
    audience_at: string | null;
    finished_at: string | null;
    totals: ({ audience: number } & Record<Outcome, number>) | null;
    discrepancy: Discrepancy | null;
  }

  /** The kinds of receipts whose counter differs from the ledger. */
  type Discrepancy = Record<string, { counters: number; ledger: number }>;

  interface CampaignPage extends Page<Campaign> {
    /** The number of campaigns in each state; null after the first page. */
    counts?: Partial<Record<CampaignState, number>> | null;
    /** How many are archived; null after the first page. */
    archived?: number | null;
  }

  type StartErrorCode = "audience_gone" | "rule" | "vendor" | "changed" | "internal" | "other";

  interface AttentionItem {
    code: "start_error" | "failures" | "discrepancy" | "vendor_deferred";
    campaign_id: string;
    campaign_name: string;
    count: number | null;
    share: number | null;
    detail: string | null;
    /** Of `start_error`. */
    reason: StartErrorCode | null;
  }

  interface Overview {
    first_steps: { has_customers: boolean; has_segment: boolean; has_draft: boolean; has_launched: boolean };
    active: Campaign[];
    attention: AttentionItem[];
    last: Campaign[];
    last_imports: { id: string; what: string; file: string | null; rows: number; by: string; at: string }[];
    figures: {
      customers: number;
      growth: { first_day: string; customers: number[] };
      campaigns: Partial<Record<CampaignState, number>>;
      last: { audience: number } & Record<Outcome, number>;
    };
    /** Null if it is not known. */
    last_days: { days: number; now: PeriodFigures; before: PeriodFigures } | null;
  }

  /** `sent`, `delivered` and `unsubscribed` are null if they are not known. */
  interface PeriodFigures {
    reached: number;
    messages: number;
    opened: number;
    orders: number;
    revenue: number;
    campaigns: number;
    sent: number | null;
    delivered: number | null;
    unsubscribed: number | null;
  }

  interface Fallbacks {
    /** What Gemini was asked so far. `cost` is null if nobody knows the exchange rate. */
    used: {
      calls: number;
      input_tokens: number;
      output_tokens: number;
      cost: number | null;
      currency: string;
      max_calls: number | null;
    };
    by_gemini: number;
    by_template: number;
    /** `examples` are beginnings of Gemini's texts that were refused. */
    reasons: { reason: string; count: number; examples: string[] }[];
    /** Texts by Gemini that lost a sentence. */
    mended: number;
    /** Why; `examples` are the sentences. */
    mended_reasons: { reason: string; count: number; examples: string[] }[];
    /** Whether all texts were read. */
    complete: boolean;
  }

  interface FailedReason {
    code: string;
    /** The words of the vendor. */
    reason: string;
    count: number;
  }

  /** The outcomes of one bucket of time. */
  interface OutcomesInBucket {
    at: string;
    sent: number;
    failed: number;
    skipped: number;
    unknown: number;
  }

  /** `send_again`: people who got the message may get it a second time. */
  type UnknownDecision = "send_again" | "record_as_failed";
  type DeferReason = "paused" | "vendor" | "rate" | "quiet_hours" | "local_hour";
  type LaterKind =
    | "delivered"
    | "bounced"
    | "complained"
    | "opened"
    | "clicked"
    | "link_clicked"
    | "machine_opened"
    | "machine_clicked"
    | "unsubscribed"
    | "converted"
    | "retried"
    | "corrected";

  /** `audience` = `sent` + `failed` + `skipped` + `unknown` + `pending`. */
  interface Statistics extends Record<Outcome | LaterKind, number> {
    state: CampaignState;
    /** Whether the whole audience is selected. */
    audience_complete: boolean;
    audience: number;
    retryable: number;
    /** How many of the pending messages are deferred, by reason. */
    deferred: Partial<Record<DeferReason, number>>;
    skipped_reasons: Record<string, number>;
    failed_reasons: FailedReason[];
    /** How many people followed each link; the one without `url` stands for all others. */
    links?: { url: string | null; people: number }[];
    /** The length of each bucket of `over_time`. */
    bucket_seconds: number;
    over_time: OutcomesInBucket[];
  }

  /** A part of the audience, and how many of these people ordered. */
  interface ResultGroup {
    people: number;
    ordered: number;
  }

  /** The share of people who ordered with the message, minus the share without it: between `low` and `high`. */
  interface Lift {
    messaged: ResultGroup;
    held_out: ResultGroup;
    difference: number;
    low: number;
    high: number;
  }

  interface Results {
    conversion_days: number;
    reached: number;
    converted: number;
    orders: number;
    revenue: number;
    currency: string;
    /** Orders count until then; null while nobody is reached. */
    until: string | null;
    complete: boolean;
    /** Null if nobody is held out, or nobody is reached yet. */
    lift: Lift | null;
  }

  interface MessageEvent {
    kind: string;
    attempt: number;
    at: string;
    reason: string | null;
  }

  interface Message {
    message_id: string;
    customer_id: string;
    name: string | null;
    to: string | null;
    subject: string | null;
    body: string | null;
    personalized_by: string | null;
    /** Why the template was used and not Gemini. */
    fallback: string | null;
    /** Which of the campaign's texts it is, `default` or a language; null: it has only one. */
    language?: string | null;
    state: Outcome;
    reason: string | null;
    cause: { code: string; retryable: boolean } | null;
    history: MessageEvent[];
  }

  /** The customer's own value; null where the part has no value of its own, or the customer has none. */
  type FactValue = string | number | boolean | null | FactValue[];

  interface Explanation {
    customer_id: string;
    name: string | null;
    /** Whether the campaign selected the customer; null until it has checked them. */
    in_audience: boolean | null;
    /** Whether the rule matches the customer's data of today; null if the customer was erased. */
    matches: boolean | null;
    parts: (RulePart & { matches: boolean; value: FactValue })[];
    /** The reason why the customer gets no message. */
    excluded: string | null;
    deferred: { reason: DeferReason; until: string } | null;
    message: Message | null;
  }

  interface StandingOut {
    rate: "failed" | "skipped" | "bounced" | "complained" | "opened" | "clicked" | "unsubscribed" | "converted";
    share: number;
    usual: number;
    is_higher: boolean;
    campaigns: number;
  }

  interface Summary {
    text: string;
    by: string;
    language: string;
    standing_out: StandingOut[];
  }
}
