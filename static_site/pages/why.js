/** Looks a person up, and says why they got a campaign's message, or did not. */

import { campaigns, customers } from "../api.js";
import { announce, el } from "../dom.js";
import { busy, button, clearProblem, field, formError, showProblem } from "../forms.js";
import { panel } from "../states.js";
import { table } from "../table.js";
import { messageItem } from "./messages.js";
import { answer, theirs } from "./why_words.js";

const MOST = 5; // people to choose from
const ID = /^[0-9a-f]{32}$/;

export function whyPanel({ id, isLaunched, signal }) {
  const result = el("div", { class: "stack" });
  const submit = button("Look up", { type: "submit" });
  const person = field({ label: "Name, e-mail, phone or id", name: "search", type: "search", required: true });
  const form = el("form", { class: "look-up", novalidate: true, onsubmit: look }, person, submit, formError());

  async function look(event) {
    event.preventDefault();
    const search = form.elements.search.value.trim();
    await attempt(async () => {
      if (ID.test(search)) return explain(search);
      const { items, next } = await customers.list({ search, limit: MOST }, signal);
      return items.length === 1 ? explain(items[0].id) : choose(items, next);
    });
  }

  async function attempt(work) {
    clearProblem(form);
    try {
      await busy([submit], work);
    } catch (error) {
      result.replaceChildren();
      if (!signal.aborted) showProblem(form, error);
    }
  }

  function choose(people, isMore) {
    const found = people.length ? `Which of them?${isMore ? " There are more: be more precise." : ""}` : "Nobody is found.";
    const choices = people.map((one) => button(calledBy(one), { onclick: () => attempt(() => explain(one.id)) }));
    result.replaceChildren(el("p", { role: "status" }, found), el("div", { class: "actions start" }, ...choices));
  }

  async function explain(customer) {
    const why = await campaigns.why(id, customer, signal);
    const sentences = answer(why, isLaunched);
    result.replaceChildren(explanation(why, sentences));
    announce(sentences.join(" "));
  }

  return panel("Why did somebody get it, or not?", {}, form, result);
}

const calledBy = ({ name, email, phone, id }) => [name, email ?? phone ?? id].filter(Boolean).join(" · ");

const explanation = (why, sentences) =>
  el(
    "article",
    { class: "stack" },
    el("h3", {}, why.name ?? why.message?.name ?? "Without a name"),
    el("p", {}, sentences.join(" ")),
    why.parts.length > 0 && verdicts(why),
    why.message && el("ul", { class: "messages" }, messageItem(why.message)),
  );

function verdicts({ parts }) {
  const columns = [
    { title: "Part of the rule", cell: ({ words }) => words },
    { title: "Is so", cell: ({ matches }) => (matches ? "yes" : "no") },
    { title: "Theirs today", cell: ({ value }) => theirs(value) },
  ];
  return table({ caption: "What each part of the rule says of them", columns, rows: parts });
}
