/** Sends requests to the server. Only this module calls `fetch`. Every function throws `ApiError`. */

/** A request that failed, as in the server's problem details (RFC 9457). The status is 0 if there was no response. */
export class ApiError extends Error {
  /** @param {Api.Problem & {code?: string}} problem */
  constructor({ status, title, detail, errors, type = "", code }) {
    super(detail || title || `The server answered with status ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.fields = errors ?? [];
    /** `unreachable`, `unreadable`, or the server's own, such as `conflict`. */
    this.code = code ?? type.replace("urn:herald:", "");
  }
}

/** The ID token could not be had: the session has ended, or the sign-in service cannot be reached. */
export class TokenError extends Error {
  /** @param {{isOffline: boolean}} options */
  constructor({ isOffline }) {
    super("There is no ID token.");
    this.isOffline = isOffline;
  }
}

/** @type {() => Promise<string | null | undefined>} */
let getToken = async () => null;

/**
 * Sets the function that returns the ID token for each request.
 *
 * @param {() => Promise<string | null | undefined>} source
 */
export function setTokenSource(source) {
  getToken = source;
}

/** @type {(reason: {isOffline: boolean}) => Promise<boolean>} */
let signInAgain = async () => false;

/**
 * Sets the function that lets the reader sign in again. It returns whether the request can be repeated.
 *
 * @param {(reason: {isOffline: boolean}) => Promise<boolean>} ask
 */
export function setSignInAgain(ask) {
  signInAgain = ask;
}

let language = "en";

/**
 * Sets the language of the texts that the server writes.
 *
 * @param {string} tag
 */
export function setLanguage(tag) {
  language = tag;
}

/** @type {Map<string, {etag: string, text: string}>} */
const answers = new Map();
const MAX_ANSWERS = 100;

/** Forgets the answers that are kept for `If-None-Match`, for the next user. */
export const forgetAnswers = () => answers.clear();

/**
 * @typedef {Record<string, string | number | boolean | string[] | null | undefined>} QueryParameters
 * @typedef {{body?: unknown, signal?: AbortSignal, key?: string}} Sent With a `key`, a repetition takes effect once.
 * @typedef {Sent & {query?: QueryParameters}} RequestOptions
 */

/**
 * Sends a request and returns its JSON.
 *
 * @param {string} method
 * @param {string} path
 * @param {RequestOptions} [options]
 */
async function request(method, path, options) {
  const json = parseJson(await requestText(method, path, options));
  if (json === null) throw new ApiError({ status: 200, code: "unreadable", detail: "Herald cannot read the answer." });
  return json;
}

/**
 * Sends a request and returns the text of its response. If the session has ended, the reader signs in and the request
 * is repeated.
 *
 * @param {string} method
 * @param {string} path
 * @param {RequestOptions} [options]
 */
async function requestText(method, path, { query, ...sent } = {}) {
  const url = withQuery(path, query);
  const response = await sendSignedIn(method, url, sent);
  const known = answers.get(url);
  if (response.status === 304 && known) return known.text;
  const text = await orUnreachable(() => response.text(), sent.signal);
  if (!response.ok) throw new ApiError({ ...parseJson(text), status: response.status });
  if (method === "GET") keepAnswer(url, response.headers.get("ETag"), text);
  return text;
}

/**
 * @param {string} url
 * @param {string | null} etag
 * @param {string} text
 */
function keepAnswer(url, etag, text) {
  answers.delete(url);
  if (!etag) return;
  answers.set(url, { etag, text });
  if (answers.size > MAX_ANSWERS) answers.delete([...answers.keys()][0]);
}

/**
 * @param {string} method
 * @param {string} url
 * @param {Sent} sent
 */
async function sendSignedIn(method, url, sent) {
  const response = await send(method, url, sent).catch((error) => withoutToken(error, method));
  const isSignedOut = response === null || response.status === 401;
  if (response && !(isSignedOut && (await signInAgain({ isOffline: false })))) return response;
  return send(method, url, sent).catch((error) => {
    throw error instanceof TokenError ? unreachable() : error;
  });
}

/**
 * Lets the reader sign in again where there is no token. Returns null if the request can be repeated. A page that reads
 * says that Herald is not reachable; a change that the reader made must not be lost.
 *
 * @param {unknown} error
 * @param {string} method
 */
async function withoutToken(error, method) {
  if (!(error instanceof TokenError)) throw error;
  const { isOffline } = error;
  if (isOffline && method === "GET") throw unreachable();
  if (!(await signInAgain({ isOffline }))) throw isOffline ? unreachable() : signedOut();
  return null;
}

const unreachable = () =>
  new ApiError({
    status: 0,
    code: "unreachable",
    detail: "Herald cannot be reached. Check your connection and try again.",
  });

const signedOut = () => new ApiError({ status: 401, code: "signed_out", detail: "You are signed out." });

/**
 * @param {QueryParameters} query
 * @returns {Record<string, string | number | boolean | string[]>}
 */
const withoutEmpty = (query) =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (value || value === 0 || value === false ? [[name, value]] : [])),
  );

/**
 * @param {string} path
 * @param {QueryParameters} [query] Empty parameters are left out.
 */
function withQuery(path, query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(withoutEmpty(query))) {
    for (const one of [value].flat()) parameters.append(name, String(one));
  }
  return parameters.size ? `${path}?${parameters}` : path;
}

/**
 * @param {string} method
 * @param {string} url
 * @param {Sent} sent A `Blob` is sent as it is, with its own type. Other bodies are sent as JSON.
 */
async function send(method, url, { body, signal, key }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  const token = await getToken();
  if (token) headers.Authorization = `Bearer ${token}`;
  const known = method === "GET" ? answers.get(url) : undefined;
  if (known) headers["If-None-Match"] = known.etag;
  if (key) headers["Idempotency-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = body instanceof Blob ? body.type : "application/json";
  const content = body instanceof Blob ? body : JSON.stringify(body);
  return orUnreachable(() => fetch(url, { method, headers, body: content, signal }), signal);
}

/**
 * Replaces a network error by an `ApiError`. A request that was aborted keeps its `AbortError`.
 *
 * @template Result
 * @param {() => Promise<Result>} work
 * @param {AbortSignal} [signal]
 */
async function orUnreachable(work, signal) {
  try {
    return await work();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw unreachable();
  }
}

/**
 * Returns null if the text is not JSON.
 *
 * @param {string} text
 */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @param {QueryParameters} [query]
 * @param {AbortSignal} [signal]
 */
const get = (path, query, signal) => request("GET", path, { query, signal });

/**
 * @param {string} path
 * @param {unknown} [body]
 * @param {AbortSignal} [signal]
 */
const post = (path, body, signal) => request("POST", path, { body, signal });

/**
 * The configuration of Firebase, as Firebase Hosting serves it. The local stack adds `authEmulatorUrl`.
 *
 * @returns {Promise<Api.FirebaseConfig>}
 */
export const getConfig = () => get("/__/firebase/init.json");

/**
 * @param {AbortSignal} signal
 * @returns {Promise<Api.Me>}
 */
export const getMe = (signal) => get("/api/me", {}, signal);

/**
 * @param {AbortSignal} signal
 * @returns {Promise<{items: Api.Field[]}>}
 */
export const getFields = (signal) => get("/api/fields", { language }, signal);

/** @param {string} id */
const customerPath = (id) => `/api/customers/${encodeURIComponent(id)}`;

export const customers = {
  /**
   * `filter` is a rule as text. `search` has parts of a name, an e-mail address or a phone number. `sort` is a field;
   * a `-` before it reverses the order.
   *
   * @param {{after?: string | null, limit: number, filter?: string | null, search?: string, sort?: string}} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.Customer>>}
   */
  list: (query, signal) =>
    query.search || query.filter ? post("/api/customers/search", query, signal) : get("/api/customers", query, signal),
  /**
   * Those who match a rule and a search, as CSV that can be imported again.
   *
   * @param {{filter?: string, search?: string}} query
   */
  csv: (query) => requestText("POST", "/api/customers/export", { body: query }),
  /**
   * @param {unknown} customer
   * @returns {Promise<Api.ImportResponse>}
   */
  add: (customer) => post("/api/customers", customer),
  /**
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.CustomerDetails>}
   */
  get: (id, signal) => get(customerPath(id), {}, signal),
  /**
   * @param {string} id
   * @param {unknown} changes
   * @returns {Promise<Api.CustomerDetails>} Without activities, messages and suppressions.
   */
  change: (id, changes) => request("PATCH", customerPath(id), { body: changes }),
  /**
   * Everything that is stored about a person, as the text of a JSON file.
   *
   * @param {string} id
   */
  export: (id) => requestText("GET", `${customerPath(id)}/export`),
  /** @param {string} id */
  erase: (id) => requestText("DELETE", customerPath(id)),
  /**
   * Customers who have the same address.
   *
   * @param {{after?: string | null, limit: number}} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.DuplicateGroup>>}
   */
  duplicates: (query, signal) => get("/api/customers/duplicates", query, signal),
  /**
   * Makes one customer a part of another one. Without `confirm`, the answer says what would happen.
   *
   * @param {string} keep
   * @param {string} merge
   * @param {{confirm?: boolean}} [options]
   * @returns {Promise<Api.Merge>}
   */
  merge: (keep, merge, { confirm = false } = {}) => post("/api/customers/merge", { keep, merge, confirm }),
  /**
   * Adds and removes tags. The answer says where the next part begins.
   *
   * @param {Api.BulkChoice & {add?: string[], remove?: string[]}} change
   * @returns {Promise<Api.BulkAnswer>}
   */
  changeTags: (change) => post("/api/customers/bulk/tags", change),
  /**
   * Suppresses all addresses of customers.
   *
   * @param {Api.BulkChoice & {reason: string}} change
   * @returns {Promise<Api.BulkAnswer>}
   */
  suppressMany: (change) => post("/api/customers/bulk/suppress", change),
};

/** Addresses that get no message. */
export const suppressions = {
  /**
   * The latest first.
   *
   * @param {{after?: string | null, limit: number, search?: string}} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.Suppression> & {total: number}>}
   */
  list: (query, signal) =>
    query.search ? post("/api/suppressions/search", query, signal) : get("/api/suppressions", query, signal),
  /**
   * @param {Api.SuppressionInput} address
   * @returns {Promise<Api.SuppressionAnswer>}
   */
  add: (address) => post("/api/suppressions", address),
  /**
   * Suppresses the addresses of a file.
   *
   * @param {Blob} file
   * @param {string | null} columns Maps headers to fields, as JSON.
   * @returns {Promise<Api.SuppressionAnswer>}
   */
  addFile: (file, columns) => request("POST", "/api/suppressions", { query: { columns }, body: file }),
  /**
   * @param {Api.LiftRequest} address
   * @returns {Promise<Api.LiftAnswer>}
   */
  lift: (address) => post("/api/suppressions/lift", address),
  csv: () => requestText("GET", "/api/suppressions.csv"),
};

/** @param {string} id */
const importPath = (id) => `/api/imports/${encodeURIComponent(id)}`;

const MAX_IMPORTS = 50; // in one request

/** Imports of customer files. A file is a `Blob` whose type says which format it has. */
export const imports = {
  /**
   * What an import would do with a file. `columns` maps headers to fields and formats, as JSON; `type` is that of the
   * rows of activities. Nothing is saved.
   *
   * @param {Blob} file
   * @param {{what: Api.FileKind, columns: string | null, type: string | null}} options
   * @param {AbortSignal} signal
   * @returns {Promise<Api.ImportPreview>}
   */
  preview: (file, { what, columns, type }, signal) =>
    request("POST", "/api/imports/previews", { query: { what, columns, type }, body: file, signal }),
  /**
   * Starts an import of customers. `columns` maps headers to fields, as JSON. `consent` says whether these people agreed
   * to get e-mails, and `name` is the file's. With `isDryRun` nothing is saved.
   *
   * @param {Blob} file
   * @param {{columns: string | null, isDryRun: boolean, consent: string, name: string}} options
   * @param {AbortSignal} signal
   * @returns {Promise<Api.ImportResponse & {import_id: string}>}
   */
  start: (file, { columns, isDryRun, consent, name }, signal) =>
    request("POST", "/api/customers", {
      query: { background: true, dry_run: isDryRun, columns, consent, file: name },
      body: file,
      signal,
    }),
  /**
   * Starts an import of orders and visits. `unknown` says what becomes of those of nobody whom Herald knows.
   *
   * @param {Blob} file
   * @param {{columns: string | null, isDryRun: boolean, type: string | null, unknown: string, name: string}} options
   * @param {AbortSignal} signal
   * @returns {Promise<Api.ImportResponse & {import_id: string}>}
   */
  startActivities: (file, { columns, isDryRun, type, unknown, name }, signal) =>
    request("POST", "/api/activities", {
      query: { background: true, dry_run: isDryRun, columns, type, on_unknown_customer: unknown, file: name },
      body: file,
      signal,
    }),
  /**
   * Saves what was chosen for the columns of a file, for the next file with these headings.
   *
   * @param {{name: string, what: Api.FileKind, headings: string[], columns: Record<string, Api.ColumnChoice>}} mapping
   * @returns {Promise<Api.SavedMapping>}
   */
  saveMapping: (mapping) => request("PUT", "/api/imports/mappings", { body: mapping }),
  /** @param {string} id */
  deleteMapping: (id) => requestText("DELETE", `/api/imports/mappings/${encodeURIComponent(id)}`),
  /**
   * The imports of the last days, the newest first.
   *
   * @param {{after: string | null, limit: number}} page
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.ImportStatus>>}
   */
  list: ({ after, limit }, signal) => get("/api/imports", { after, limit: Math.min(limit, MAX_IMPORTS) }, signal),
  /**
   * @param {string} id
   * @param {AbortSignal} signal
   * @returns {Promise<Api.ImportStatus>}
   */
  get: (id, signal) => get(importPath(id), {}, signal),
  /**
   * What is written stays, the rest is never written.
   *
   * @param {string} id
   * @returns {Promise<Api.ImportStatus>}
   */
  cancel: (id) => request("POST", `${importPath(id)}/cancel`),
  /**
   * Removes what the import created and puts back what it changed, in the background.
   *
   * @param {string} id
   * @returns {Promise<Api.ImportStatus>}
   */
  undo: (id) => request("POST", `${importPath(id)}/undo`),
  /**
   * The first rejected rows.
   *
   * @param {string} id
   * @param {number} limit
   * @param {AbortSignal} signal
   * @returns {Promise<Api.RowResult[]>}
   */
  async rejectedRows(id, limit, signal) {
    const lines = await requestText("GET", `${importPath(id)}/results`, {
      query: { status: "rejected", limit },
      signal,
    });
    return lines
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  },
  /**
   * All rejected rows with their reasons, as CSV.
   *
   * @param {string} id
   */
  rejectedCsv: (id) => requestText("GET", `${importPath(id)}/rejected.csv`),
};

/** @param {string} id */
const segmentPath = (id) => `/api/segments/${encodeURIComponent(id)}`;

export const assist = {
  /**
   * A rule from plain words, or questions. It is not saved.
   *
   * @param {string} words
   * @returns {Promise<Api.AssistedRule>}
   */
  rules: (words) => post("/api/assist/rules", { words, language }),
  /**
   * A draft for a goal, or questions. The same key makes one draft.
   *
   * @param {string} goal
   * @param {string} key
   * @returns {Promise<Api.CampaignPlan>}
   */
  plan: (goal, key) => request("POST", "/api/assist/plans", { body: { goal, language }, key }),
};

export const segments = {
  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.Segment>>}
   */
  list: (signal) => get("/api/segments", { limit: 200, language }, signal),
  /**
   * @param {Api.RuleInput} rule
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Preview>}
   */
  preview: (rule, signal) => post("/api/segments/preview", { language, ...rule }, signal),
  /**
   * The distribution of a field over the customers that a rule matches.
   *
   * @param {Api.RuleInput & {field: string, bins?: number}} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Histogram>}
   */
  histogram: (query, signal) => post("/api/segments/histogram", query, signal),
  /**
   * @param {string} name
   * @param {Api.RuleInput} rule
   * @returns {Promise<Api.Segment>}
   */
  save: (name, rule) => post("/api/segments", { name, ...rule }),
  /**
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Segment>}
   */
  get: (id, signal) => get(segmentPath(id), { language }, signal),
  /**
   * A page of them, newest first, with their number.
   *
   * @param {{after?: string | null, limit: number}} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.ListedSegment> & {total: number}>}
   */
  page: (query, signal) => get("/api/segments", { ...query, language }, signal),
  /**
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.SegmentDetails>}
   */
  details: (id, signal) => get(segmentPath(id), { language }, signal),
  /**
   * Those that a customer is in now.
   *
   * @param {string} customer
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: {id: string, name: string}[]}>}
   */
  of: (customer, signal) => get(`/api/segments/of/${encodeURIComponent(customer)}`, {}, signal),
  /**
   * @param {string} id
   * @param {string} name
   * @param {Api.RuleInput} rule
   * @returns {Promise<Api.Segment>}
   */
  replace: (id, name, rule) => request("PUT", segmentPath(id), { body: { name, ...rule } }),
  /** @param {string} id */
  remove: (id) => requestText("DELETE", segmentPath(id)),
  /**
   * A static segment that has nobody yet.
   *
   * @param {string} name
   * @returns {Promise<Api.Segment>}
   */
  saveList: (name) => post("/api/segments", { name, kind: "static" }),
  /**
   * @param {string} id
   * @param {string} name
   * @returns {Promise<Api.Segment>}
   */
  renameList: (id, name) => request("PUT", segmentPath(id), { body: { name, kind: "static" } }),
  /**
   * Changes who is in a static segment. A `Blob` is a file, and its type says which format it has.
   *
   * @param {string} id
   * @param {string[] | Blob} people
   * @param {{mode: Api.ListMode, isDryRun?: boolean}} options
   * @returns {Promise<Api.ListChange>}
   */
  changePeople: (id, people, { mode, isDryRun = false }) =>
    request("POST", `${segmentPath(id)}/people`, { query: { mode, dry_run: isDryRun }, body: people }),
  /**
   * Adds the customers who match now to a static segment.
   *
   * @param {string} id
   * @param {{filter: string, search: string}} query
   * @returns {Promise<Api.ListChange>}
   */
  addMatching: (id, query) => post(`${segmentPath(id)}/people/matching`, query),
};

/** Attributes of customers, for managers. */
export const attributes = {
  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Api.Attribute[]}>}
   */
  list: (signal) => get("/api/attributes", {}, signal),
  /**
   * Chooses the type of one; null is that of most values. A dry run only says how many people have another type.
   *
   * @param {string} name
   * @param {Api.AttributeType | null} type
   * @param {{isDryRun?: boolean}} [options]
   * @returns {Promise<Api.Attribute>}
   */
  choose: (name, type, { isDryRun = false } = {}) =>
    request("PUT", `/api/attributes/${encodeURIComponent(name)}`, { query: { dry_run: isDryRun }, body: { type } }),
};

export const topics = {
  /**
   * What messages are about, in the order in which people see it.
   *
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Api.Topic[]}>}
   */
  list: (signal) => get("/api/topics", {}, signal),
  /**
   * @param {Api.Topic[]} items All topics there are afterwards.
   * @returns {Promise<{items: Api.Topic[]}>}
   */
  replace: (items) => request("PUT", "/api/topics", { body: { items } }),
};

export const vendors = {
  /**
   * All vendors that Herald knows. A campaign can use only those that are `available`.
   *
   * @param {AbortSignal} signal
   * @returns {Promise<{items: Api.Vendor[]}>}
   */
  list: (signal) => get("/api/vendors", {}, signal),
};

/** @param {string} id */
const campaignPath = (id) => `/api/campaigns/${encodeURIComponent(id)}`;

export const campaigns = {
  /**
   * Newest first. `search` has words of the name; `archived` are those that were taken out of the list.
   *
   * @param {{after?: string | null, limit: number, state?: string[], search?: string, archived?: boolean}} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.CampaignPage>}
   */
  list: (query, signal) =>
    query.search ? post("/api/campaigns/search", withoutEmpty(query), signal) : get("/api/campaigns", query, signal),
  /**
   * @param {Api.CampaignSettings} settings
   * @returns {Promise<Api.Campaign>}
   */
  create: (settings) => post("/api/campaigns", settings),
  /**
   * @param {string} id
   * @param {AbortSignal} signal
   * @returns {Promise<Api.Campaign>}
   */
  get: (id, signal) => get(campaignPath(id), { language }, signal),
  /**
   * Creates a draft; anything may be missing or not valid yet.
   *
   * @param {Partial<Api.CampaignSettings>} settings
   * @returns {Promise<Api.Campaign>}
   */
  createDraft: (settings) => request("POST", "/api/campaigns", { query: { draft: true }, body: settings }),
  /**
   * Saves a draft, also what is not valid yet.
   *
   * @param {string} id
   * @param {Partial<Api.CampaignSettings>} settings
   * @returns {Promise<Api.Campaign>}
   */
  saveDraft: (id, settings) => request("PATCH", campaignPath(id), { query: { draft: true }, body: settings }),
  /**
   * Deletes a draft.
   *
   * @param {string} id
   */
  removeDraft: (id) => requestText("DELETE", campaignPath(id)),
  /**
   * Takes a campaign that is over out of the list, or brings it back.
   *
   * @param {string} id
   * @param {"archive" | "restore"} action
   * @returns {Promise<Api.Campaign>}
   */
  move: (id, action) => post(`${campaignPath(id)}/${action}`),
  /**
   * A new draft with the content of a campaign.
   *
   * @param {string} id
   * @param {string} [name]
   * @returns {Promise<Api.Campaign>}
   */
  copy: (id, name) => post(`${campaignPath(id)}/copy`, name === undefined ? undefined : { name }),
  /**
   * A draft to those who did not open the campaign.
   *
   * @param {string} id
   * @returns {Promise<Api.Campaign>}
   */
  resend: (id) => post(`${campaignPath(id)}/resend`, undefined),
  /**
   * What is missing or wrong before the campaign can be launched.
   *
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Checklist>}
   */
  checklist: (id, signal) => get(`${campaignPath(id)}/checklist`, {}, signal),
  /**
   * The message for real people. `message` is a text that is not saved yet; another `seed` chooses others.
   *
   * @param {string} id
   * @param {{
   *   people?: number, seed?: string, message?: Api.CampaignSettings["message"], written_by?: string, variant?: number,
   *   language?: string,
   * }} options With `written_by: "gemini"`, its texts as well; another `variant` gives other ones.
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.MessagePreview>}
   */
  previewMessage: (id, options, signal) => post(`${campaignPath(id)}/preview`, options, signal),
  /**
   * Lets Gemini propose sentences; nothing is saved.
   *
   * @param {string} id
   * @param {{message?: Api.CampaignSettings["message"], style?: Api.WritingStyle, variant?: number}} options
   * @returns {Promise<{items: Api.JudgedSentence[]}>}
   */
  proposeSentences: (id, options) => post(`${campaignPath(id)}/sentences/propose`, options),
  /**
   * What the checks say of sentences that need not be saved.
   *
   * @param {string} id
   * @param {{sentences: Api.Sentence[], message?: Api.CampaignSettings["message"], style?: Api.WritingStyle}} options
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Api.JudgedSentence[]}>}
   */
  checkSentences: (id, options, signal) => post(`${campaignPath(id)}/sentences/check`, options, signal),
  /**
   * The sentences that the texts of a campaign are put together of.
   *
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Api.JudgedSentence[]}>}
   */
  sentences: (id, signal) => get(`${campaignPath(id)}/sentences`, {}, signal),
  /**
   * Sends the message to a few addresses of the team. It is in no number of the campaign.
   *
   * @param {string} id
   * @param {string[]} to
   * @param {string} [text] Its language, or `default`; without it, that of the person whose values it shows.
   * @returns {Promise<Api.SentTest>}
   */
  sendTest: (id, to, text) => post(`${campaignPath(id)}/test`, { to, language: text }),
  /**
   * What is usual for the figures of a launched campaign.
   *
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Comparison>}
   */
  comparison: (id, signal) => get(`${campaignPath(id)}/comparison`, {}, signal),
  /**
   * How many people of the audience speak which language.
   *
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.MessageLanguages>}
   */
  languages: (id, signal) => get(`${campaignPath(id)}/languages`, {}, signal),
  /**
   * The message cut into prose, values and facts. It need not be saved.
   *
   * @param {Api.CampaignSettings["message"]} message
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.MessageFacts>}
   */
  facts: (message, signal) => post("/api/campaigns/facts", { message }, signal),
  /**
   * A text as the HTML of a mail, and where a frame can be shown it.
   *
   * @param {Api.MailRequest} text
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.RenderedMail>}
   */
  mail: (text, signal) => post("/api/campaigns/mail", text, signal),
  /**
   * What a launch would cost now or at the ISO time `start`, and how long it would take.
   *
   * @param {string} id
   * @param {string | undefined} start
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Estimate>}
   */
  estimate: (id, start, signal) =>
    post(`${campaignPath(id)}/estimate${start ? `?start_at=${encodeURIComponent(start)}` : ""}`, undefined, signal),
  /**
   * Launches the campaign now, or at the ISO time `at`.
   *
   * @param {string} id
   * @param {string} [at]
   */
  launch: (id, at) => post(`${campaignPath(id)}/launch`, at && { at }),
  /**
   * Approves a draft, so that somebody else can launch it.
   *
   * @param {string} id
   */
  approve: (id) => post(`${campaignPath(id)}/approve`),
  /** @param {string} id */
  pause: (id) => post(`${campaignPath(id)}/pause`),
  /** @param {string} id */
  resume: (id) => post(`${campaignPath(id)}/resume`),
  /** @param {string} id */
  cancel: (id) => post(`${campaignPath(id)}/cancel`),
  /**
   * Sends the messages again that failed for a temporary reason.
   *
   * @param {string} id
   */
  retry: (id) => post(`${campaignPath(id)}/retry`),
  /**
   * Decides about the messages of which nobody knows whether they arrived.
   *
   * @param {string} id
   * @param {Api.UnknownDecision} decision
   */
  decideUnknown: (id, decision) => post(`${campaignPath(id)}/unknown`, { decision }),
  /**
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Results>}
   */
  results: (id, signal) => get(`${campaignPath(id)}/results`, {}, signal),

  /**
   * @param {string} id
   * @param {AbortSignal} signal
   * @returns {Promise<Api.Statistics>}
   */
  statistics: (id, signal) => get(`${campaignPath(id)}/statistics`, {}, signal),
  /**
   * @param {string} id
   * @param {{after?: string | null, limit: number, state?: string, reason?: string, search?: string}} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.Message>>}
   */
  messages: (id, query, signal) =>
    query.search
      ? post(`${campaignPath(id)}/messages/search`, withoutEmpty(query), signal)
      : get(`${campaignPath(id)}/messages`, query, signal),
  /**
   * Why one customer got the message or did not.
   *
   * @param {string} id
   * @param {string} customer
   * @param {AbortSignal} signal
   * @returns {Promise<Api.Explanation>}
   */
  explanation: (id, customer, signal) =>
    get(`${campaignPath(id)}/explanation`, { customer_id: customer, language }, signal),
  /**
   * Has Gemini word the numbers. The server has a budget for it, so it is asked only when the reader wants it.
   *
   * @param {string} id
   * @returns {Promise<Api.Summary>}
   */
  writeSummary: (id) => request("POST", `${campaignPath(id)}/summary`, { query: { language } }),
  /**
   * Who wrote the texts, and why the template was used. The server reads many texts for it.
   *
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Fallbacks>}
   */
  fallbacks: (id, signal) => get(`${campaignPath(id)}/fallbacks`, {}, signal),
  /**
   * All messages as CSV.
   *
   * @param {string} id
   */
  messagesCsv: (id) => requestText("GET", `${campaignPath(id)}/messages.csv`),
};

/** @param {string} address */
const memberPath = (address) => `/api/members/${encodeURIComponent(address)}`;

/** Who may sign in. */
export const members = {
  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Api.Member[]}>}
   */
  list: (signal) => get("/api/members", {}, signal),
  /**
   * @param {unknown} member
   * @returns {Promise<Api.Member>}
   */
  invite: (member) => post("/api/members", member),
  /**
   * @param {string} address
   * @param {unknown} rights
   * @returns {Promise<Api.Member>}
   */
  change: (address, rights) => request("PATCH", memberPath(address), { body: rights }),
  /** @param {string} address */
  remove: (address) => requestText("DELETE", memberPath(address)),
};

/** The API keys of programs. */
export const keys = {
  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Api.Key[]}>}
   */
  list: (signal) => get("/api/keys", {}, signal),
  /**
   * @param {unknown} key
   * @returns {Promise<Api.NewKey>}
   */
  create: (key) => post("/api/keys", key),
  /** @param {string} id */
  remove: (id) => requestText("DELETE", `/api/keys/${encodeURIComponent(id)}`),
};

/** @param {string} id */
const webhookPath = (id) => `/api/webhooks/${encodeURIComponent(id)}`;

/** The servers that are told what happens. */
export const webhooks = {
  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Api.Webhook[]}>}
   */
  list: (signal) => get("/api/webhooks", {}, signal),
  /**
   * @param {unknown} webhook
   * @returns {Promise<Api.NewWebhook>}
   */
  create: (webhook) => post("/api/webhooks", webhook),
  /**
   * @param {string} id
   * @param {unknown} changes
   * @returns {Promise<Api.Webhook>}
   */
  change: (id, changes) => request("PATCH", webhookPath(id), { body: changes }),
  /**
   * @param {string} id
   * @returns {Promise<Api.NewWebhook>}
   */
  rotate: (id) => post(`${webhookPath(id)}/secret`, undefined),
  /**
   * @param {string} id
   * @returns {Promise<{events: number}>}
   */
  test: (id) => post(`${webhookPath(id)}/test`, undefined),
  /**
   * @param {string} id
   * @param {{event?: string, since?: string}} what
   * @returns {Promise<{events: number, until: string | null}>}
   */
  replay: (id, what) => post(`${webhookPath(id)}/replay`, what),
  /**
   * @param {string} id
   * @param {{after?: string | null, limit: number}} page
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.WebhookAttempt>>}
   */
  attempts: (id, page, signal) => get(`${webhookPath(id)}/attempts`, page, signal),
  /** @param {string} id */
  remove: (id) => requestText("DELETE", webhookPath(id)),
};

/** @param {string} id */
const formPath = (id) => `/api/forms/${encodeURIComponent(id)}`;

/** The forms for other sites. */
export const forms = {
  /**
   * @param {AbortSignal} [signal]
   * @returns {Promise<{items: Api.Form[]}>}
   */
  list: (signal) => get("/api/forms", {}, signal),
  /**
   * @param {unknown} form
   * @returns {Promise<Api.Form>}
   */
  create: (form) => post("/api/forms", form),
  /**
   * @param {string} id
   * @param {unknown} form
   * @returns {Promise<Api.Form>}
   */
  replace: (id, form) => request("PUT", formPath(id), { body: form }),
  /** @param {string} id */
  remove: (id) => requestText("DELETE", formPath(id)),
};

/** Who did what, newest first. */
export const audit = {
  /**
   * @param {{after?: string | null, limit: number, who?: string, what?: string, from?: string, to?: string}} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.AuditEntry>>}
   */
  list: (query, signal) =>
    query.who ? post("/api/audit/search", withoutEmpty(query), signal) : get("/api/audit", query, signal),
  /**
   * Who did what with a campaign: what everybody who sees it may know.
   *
   * @param {string} id
   * @param {{after?: string | null, limit: number}} page
   * @param {AbortSignal} [signal]
   * @returns {Promise<Api.Page<Api.CampaignAction>>}
   */
  ofCampaign: (id, page, signal) => get(`/api/audit/campaigns/${encodeURIComponent(id)}`, page, signal),
  /**
   * All entries of the list as CSV.
   *
   * @param {{who?: string, what?: string, from?: string, to?: string}} query
   */
  csv: (query) => requestText("POST", "/api/audit/export", { body: withoutEmpty(query) }),
};

/**
 * What the home page shows.
 *
 * @param {AbortSignal} signal
 * @returns {Promise<Api.Overview>}
 */
export const getOverview = (signal) => get("/api/overview", {}, signal);

/**
 * The states that a message can be in, in the order in which they are shown.
 *
 * @type {Api.Outcome[]}
 */
export const OUTCOMES = ["sent", "failed", "skipped", "unknown", "pending"];

/**
 * The outcomes to show: `unknown` is rare, and has no place where there is none.
 *
 * @param {Partial<Record<Api.Outcome, number>>} numbers
 */
export const outcomesIn = (numbers) => OUTCOMES.filter((kind) => kind !== "unknown" || numbers.unknown);
