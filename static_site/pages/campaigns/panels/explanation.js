/** Finds a customer, and explains why they got a campaign's message or did not. */

import { campaigns, customers } from "../../../api.js";
import { announce, el, find } from "../../../dom/dom.js";
import { busy, button, clearProblem, field, formError, showProblem } from "../../../dom/forms.js";
import { panel } from "../../../dom/states.js";
import { table } from "../../../dom/table.js";
import { explanationSentences, factText } from "../../../texts/explanation.js";
import { messageItem } from "./messages.js";

const MAX_CHOICES = 5;
const ID = /^[0-9a-f]{32}$/;

/** @param {{id: string, isLaunched: boolean, signal: AbortSignal}} options */
export function explanationPanel({ id, isLaunched, signal }) {
  const result = el("div", { class: "stack" });
  const submit = button("Search", { type: "submit" });
  const query = field({ label: "Name, e-mail, phone or ID", name: "search", type: "search", required: true });
  const form = el("form", { class: "lookup", novalidate: true, onsubmit: search }, query, submit, formError());

  /** @param {SubmitEvent} event */
  async function search(event) {
    event.preventDefault();
    const text = find(query, "input").value.trim();
    await attempt(async () => {
      if (ID.test(text)) return explain(text);
      const { items, next } = await customers.list({ search: text, limit: MAX_CHOICES }, signal);
      return items.length === 1 ? explain(items[0].id) : showChoices(items, Boolean(next));
    });
  }

  /** @param {() => Promise<void>} work */
  async function attempt(work) {
    clearProblem(form);
    try {
      await busy([submit], work);
    } catch (error) {
      result.replaceChildren();
      if (!signal.aborted) showProblem(form, error);
    }
  }

  /**
   * @param {Api.Customer[]} matches
   * @param {boolean} hasMore
   */
  function showChoices(matches, hasMore) {
    const more = hasMore ? " There are more matches: enter a more exact text to see them." : "";
    const text = matches.length ? `Choose a customer.${more}` : "No customer found.";
    const choices = matches.map((customer) =>
      button(customerLabel(customer), { onclick: () => attempt(() => explain(customer.id)) }),
    );
    result.replaceChildren(el("p", { role: "status" }, text), el("div", { class: "actions start" }, ...choices));
  }

  /** @param {string} customer */
  async function explain(customer) {
    const explanation = await campaigns.explanation(id, customer, signal);
    const sentences = explanationSentences(explanation, isLaunched);
    result.replaceChildren(explanationItem(explanation, sentences));
    announce(sentences.join(" "));
  }

  return panel("Why did a customer get the message or not?", {}, form, result);
}

/** @param {Api.Customer} customer */
const customerLabel = ({ name, email, phone, id }) => [name, email ?? phone ?? id].filter(Boolean).join(" · ");

/**
 * @param {Api.Explanation} explanation
 * @param {string[]} sentences
 */
const explanationItem = (explanation, sentences) =>
  el(
    "article",
    { class: "stack" },
    el("h3", {}, explanation.name ?? explanation.message?.name ?? "No name"),
    el("p", {}, sentences.join(" ")),
    explanation.parts.length > 0 && partResults(explanation),
    explanation.message && el("ul", { class: "messages" }, messageItem(explanation.message)),
  );

/** @param {Api.Explanation} explanation */
function partResults({ parts }) {
  return table({
    caption: "Result of each part of the rule",
    columns: [
      { title: "Part of the rule", cell: ({ words }) => words },
      { title: "Matches", cell: ({ matches }) => (matches ? "yes" : "no") },
      { title: "Value today", cell: ({ value }) => factText(value) },
    ],
    rows: parts,
  });
}
