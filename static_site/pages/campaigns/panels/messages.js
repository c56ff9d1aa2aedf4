/** The message of each person, with its state and history. */

import { campaigns } from "../../../api.js";
import { stateBadge } from "../../../dom/badges.js";
import { el, find } from "../../../dom/dom.js";
import { button, field } from "../../../dom/forms.js";
import { PagedList } from "../../../dom/paged_list.js";
import { empty, panel } from "../../../dom/states.js";
import { dateTime } from "../../../texts/format.js";
import { reason } from "../../../texts/reasons.js";

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

  /** @param {{id: string, signal: AbortSignal}} options */
  constructor({ id, signal }) {
    this.#list = new PagedList({
      load: (after, current) => campaigns.messages(id, { after, limit: LIMIT, state: this.#state }, current),
      render: (items) => el("ul", { class: "messages" }, ...items.map(messageItem)),
      renderEmpty: (hasMore) => empty(emptyText(this.#state, hasMore)),
      signal,
    });
    const refresh = button("Refresh", { kind: "quiet", onclick: () => this.reload() });
    this.element = panel("Messages", { actions: [this.#filter, refresh] }, this.#list.element);
    this.reload();
  }

  reload() {
    return this.#list.reload();
  }

  /**
   * Loads the first messages while the list is empty. A list with messages is not changed, so that the reader keeps
   * their place.
   *
   * @param {Api.Statistics} statistics
   */
  follow({ audience, pending }) {
    const { isEmpty, hasMore, isLoading } = this.#list;
    if (isEmpty && !hasMore && !isLoading && audience > pending) this.reload();
  }

  get #state() {
    return find(this.#filter, "select").value;
  }
}

/**
 * @param {string} state
 * @param {boolean} hasMore
 */
function emptyText(state, hasMore) {
  if (!state) return "There are no messages yet.";
  return hasMore ? `None of the messages loaded so far is ${state}.` : `No message is ${state}.`;
}

/** @param {Api.Message} message */
export const messageItem = (message) =>
  el(
    "li",
    { class: "message" },
    el(
      "div",
      { class: "message-head" },
      el("strong", {}, message.name ?? "No name"),
      message.to && el("span", { class: "muted" }, message.to),
      el("span", { class: "message-badges" }, author(message), stateBadge(message.state)),
    ),
    message.reason &&
      el("p", { class: "message-reason", "data-state": message.state }, `Reason: ${reason(message.reason)}`),
    message.subject && el("p", { class: "message-subject" }, message.subject),
    message.body && el("p", { class: "body-text" }, message.body),
    message.history.length > 0 && history(message.history),
  );

/** @param {Api.Message} message */
const author = ({ personalized_by: by }) => by && el("span", { class: "author" }, by === "gemini" ? "by Gemini" : by);

/** @param {Api.MessageEvent[]} events */
const history = (events) =>
  el(
    "details",
    {},
    el("summary", {}, "History"),
    el("ol", { class: "history" }, ...events.map((event) => el("li", {}, eventText(event)))),
  );

/**
 * One line of the history. A retry repeats the reason of the failure before it, so the reason is left out.
 *
 * @param {Api.MessageEvent} event
 */
const eventText = ({ kind, attempt, at, reason: code }) =>
  [
    kind === "retried" ? "sent again" : kind,
    attempt > 1 && `attempt ${attempt}`,
    dateTime(at),
    code && kind !== "retried" && reason(code),
  ]
    .filter(Boolean)
    .join(" · ");
