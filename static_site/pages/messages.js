/** Each person's own message, and what became of it. */

import { campaigns } from "../api.js";
import { el } from "../dom.js";
import { button, field } from "../forms.js";
import { moment, reason } from "../format.js";
import { PagedList } from "../paged.js";
import { empty, panel } from "../states.js";
import { stateBadge } from "./badges.js";

const LIMIT = 20;

const FILTERS = [
  ["", "All"],
  ["sent", "Sent"],
  ["failed", "Failed"],
  ["skipped", "Skipped"],
  ["pending", "Pending"],
];

export class MessagesPanel {
  #list;
  #filter = field({
    label: "Show",
    name: "state",
    tag: "select",
    children: FILTERS.map(([value, label]) => el("option", { value }, label)),
    onchange: () => this.reload(),
  });

  constructor({ id, signal }) {
    this.#list = new PagedList({
      load: (after, current) => campaigns.messages(id, { after, limit: LIMIT, state: this.#state }, current),
      render: (items) => el("ul", { class: "messages" }, ...items.map(messageItem)),
      whenEmpty: (hasMore) => empty(this.#state ? noneOf(this.#state, hasMore) : "No message yet."),
      signal,
    });
    const refresh = button("Refresh", { kind: "quiet", onclick: () => this.reload() });
    this.element = panel("Messages", { actions: [this.#filter, refresh] }, this.#list.element);
    this.reload();
  }

  reload() {
    return this.#list.reload();
  }

  /** While nothing is shown, what has come in meanwhile is fetched; after that the reader's place is left alone. */
  follow({ audience, pending }) {
    const { isEmpty, hasMore, isLoading } = this.#list;
    if (isEmpty && !hasMore && !isLoading && audience > pending) this.reload();
  }

  get #state() {
    return this.#filter.querySelector("select").value;
  }
}

const noneOf = (state, hasMore) =>
  hasMore ? `Of those looked at so far, no message is ${state}.` : `No message is ${state}.`;

export const messageItem = (message) =>
  el(
    "li",
    { class: "message" },
    el(
      "div",
      { class: "message-head" },
      el("strong", {}, message.name ?? "Without a name"),
      message.to && el("span", { class: "muted" }, message.to),
      el("span", { class: "message-marks" }, author(message), stateBadge(message.state)),
    ),
    message.reason && why(message),
    message.subject && el("p", { class: "message-subject" }, message.subject),
    message.body && el("p", { class: "body-text" }, message.body),
    message.history?.length > 0 && history(message.history),
  );

const why = ({ state, reason: code }) =>
  el("p", { class: "message-reason", "data-state": state }, `Reason: ${reason(code)}`);

const author = ({ personalized_by: by }) => by && el("span", { class: "author" }, by === "gemini" ? "by Gemini" : by);

const history = (events) =>
  el(
    "details",
    {},
    el("summary", {}, "History"),
    el("ol", { class: "history" }, ...events.map((event) => el("li", {}, entry(event)))),
  );

/** A retry has the reason of the failure before it, which stands there already. */
const entry = ({ kind, attempt, at, reason: code }) =>
  [
    kind === "retried" ? "sent again" : kind,
    attempt > 1 && `attempt ${attempt}`,
    moment(at),
    code && kind !== "retried" && reason(code),
  ]
    .filter(Boolean)
    .join(" · ");
