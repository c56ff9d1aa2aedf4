/** Talks to the server: the only module that calls `fetch`. Every function throws `ApiError`. */

/** What went wrong, as the server's problem details say it (RFC 9457); status 0 when no answer came. */
export class ApiError extends Error {
  constructor({ status, title, detail, errors }) {
    super(detail || title || `The server answered with status ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.fields = errors ?? []; // [{field: "message.body", code, message}]
  }
}

let getToken = async () => null;

/** From now on requests carry the ID token that `source` gives. */
export function authorize(source) {
  getToken = source;
}

async function request(method, path, { query, body, signal } = {}) {
  const text = await answer(method, path, { query, body, signal });
  return parsed(text) ?? unreadable();
}

/** The answer's text. */
async function answer(method, path, { query, body, signal } = {}) {
  const response = await send(method, withQuery(path, query), body, signal);
  const text = await reached(() => response.text(), signal);
  if (!response.ok) throw new ApiError({ ...parsed(text), status: response.status });
  return text;
}

function unreadable() {
  throw new ApiError({ status: 200, detail: "The server's answer can't be read." });
}

function withQuery(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

async function send(method, url, body, signal) {
  const headers = { Accept: "application/json" };
  const token = await getToken();
  if (token) headers.Authorization = `Bearer ${token}`;
  const isFile = body instanceof Blob; // it is sent as it is, and says itself what it is
  if (body !== undefined) headers["Content-Type"] = isFile ? body.type : "application/json";
  return reached(
    () => fetch(url, { method, headers, body: isFile ? body : body && JSON.stringify(body), signal }),
    signal,
  );
}

/** Tells an answer that never came from a request that was given up: the latter keeps its `AbortError`. */
async function reached(work, signal) {
  try {
    return await work();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError({ status: 0, detail: "Herald can't be reached. Check your connection and try again." });
  }
}

/** JSON; null where it is something else. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const get = (path, query, signal) => request("GET", path, { query, signal });
const post = (path, body, signal) => request("POST", path, { body, signal });

/** Firebase's configuration, as Firebase Hosting serves it; the local stack adds `authEmulatorUrl`. */
export const getConfig = () => get("/__/firebase/init.json");

export const getMe = (signal) => get("/api/me", {}, signal);

export const customers = {
  /** `filter` is a rule as text, `search` parts of a name, an e-mail or a phone, `sort` a field, or one after a `-`. */
  list: ({ after, limit, filter, search, sort }, signal) =>
    get("/api/customers", { after, limit, filter, search, sort }, signal),
  add: (customer) => post("/api/customers", customer),
};

const imported = (id) => `/api/imports/${encodeURIComponent(id)}`;

/** Files of customers; `file` is a `Blob` whose type says what is in it. */
export const imports = {
  /** What the columns of a table would be taken for, by its `beginning`. */
  columns: (beginning, signal) => request("POST", "/api/imports/columns", { body: beginning, signal }),
  /** `columns` maps headers to fields; with `isDry` it is only tried. Gives `{import_id, accepted}`. */
  start: (file, { columns, isDry }, signal) =>
    request("POST", "/api/customers", { query: { background: true, dry_run: isDry, columns }, body: file, signal }),
  get: (id, signal) => get(imported(id), {}, signal),
  /** The first rejected rows: `[{row, errors: [{field, message}]}]`. */
  async rejected(id, limit, signal) {
    const lines = await answer("GET", `${imported(id)}/results`, { query: { status: "rejected", limit }, signal });
    return lines
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  },
  /** All of them as a table, with their reasons. */
  rejectedTable: (id, signal) => answer("GET", `${imported(id)}/rejected.csv`, { signal }),
};

export const segments = {
  list: (signal) => get("/api/segments", { limit: 200 }, signal),
  /** `rule` is `{text}` or `{rules}`. */
  preview: (rule, signal) => post("/api/segments/preview", rule, signal),
  /** How the values of a field are spread over those whom a rule finds: `{text}` or `{rules}`, and `field`. */
  histogram: (asked, signal) => post("/api/segments/histogram", asked, signal),
  save: (name, rule) => post("/api/segments", { name, ...rule }),
  get: (id, signal) => get(`/api/segments/${encodeURIComponent(id)}`, {}, signal),
};

const campaign = (id) => `/api/campaigns/${encodeURIComponent(id)}`;

export const campaigns = {
  list: ({ after, limit }, signal) => get("/api/campaigns", { after, limit }, signal),
  create: (settings) => post("/api/campaigns", settings),
  get: (id, signal) => get(campaign(id), {}, signal),
  /** Now, or at the ISO time `at`. */
  launch: (id, at) => post(`${campaign(id)}/launch`, at && { at }),
  pause: (id) => post(`${campaign(id)}/pause`),
  resume: (id) => post(`${campaign(id)}/resume`),
  cancel: (id) => post(`${campaign(id)}/cancel`),
  /** Sends again to those whose failure may pass. */
  retry: (id) => post(`${campaign(id)}/retry`),
  statistics: (id, signal) => get(`${campaign(id)}/statistics`, {}, signal),
  messages: (id, { after, limit, state }, signal) => get(`${campaign(id)}/messages`, { after, limit, state }, signal),
  /** Why one customer got the message, or did not. */
  why: (id, customer, signal) => get(`${campaign(id)}/why`, { customer_id: customer }, signal),
  summary: (id, signal) => get(`${campaign(id)}/summary`, {}, signal),
};
