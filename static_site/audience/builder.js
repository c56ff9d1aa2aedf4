/** A rule put together from conditions: AND within a group, OR between groups. */

import { el } from "../dom.js";
import { button } from "../forms.js";
import { condition } from "./condition.js";
import { conditionOn, groupsFrom, isComplete, pathOf, treeFrom } from "./rules.js";

export class BuiltRule {
  missing = "Fill in every value to see who it reaches.";
  #groups = [[conditionOn("spend")]];
  #onchange;
  #list = el("div", { class: "rule-groups" });
  #addGroup = button("Add a group (OR)", { onclick: () => this.#append(this.#groups.length) });

  constructor({ onchange }) {
    this.#onchange = onchange;
    const error = el("p", { class: "field-error", role: "alert" });
    this.element = el("div", { class: "builder", "data-field": "rules" }, this.#list, this.#addGroup, error);
    this.#draw();
  }

  rule() {
    return this.#groups.flat().every(isComplete) ? { rules: treeFrom(this.#groups) } : null;
  }

  choice() {
    return this.rule();
  }

  take({ rules }) {
    const groups = groupsFrom(rules);
    if (groups) this.#groups = groups;
    this.#draw();
    return Boolean(groups);
  }

  #draw() {
    const groups = this.#groups.map((conditions, index) => this.#group(conditions, index));
    this.#list.replaceChildren(...groups.flatMap((group, index) => (index ? [joint("or"), group] : [group])));
  }

  #group(conditions, index) {
    const rows = conditions.map((one, place) => this.#row(one, index, place));
    const add = button("Add a condition (AND)", { kind: "quiet", onclick: () => this.#append(index) });
    return el("fieldset", { class: "rule-group" }, el("legend", {}, `Group ${index + 1}`), ...rows, add);
  }

  #row(value, index, place) {
    const isOnly = this.#groups.flat().length === 1;
    return condition({
      value,
      title: `Condition ${place + 1}`,
      path: pathOf(this.#groups, index, place),
      onedit: (changed) => this.#edit(index, place, changed),
      onsubject: (changed) => this.#exchange(index, place, changed),
      onremove: isOnly ? null : () => this.#remove(index, place),
    });
  }

  /** What is typed stays where it is: the inputs are not drawn again, or the cursor would be lost. */
  #edit(index, place, changed) {
    this.#groups = this.#groups.with(index, this.#groups[index].with(place, changed));
    this.#onchange();
  }

  #exchange(index, place, changed) {
    this.#edit(index, place, changed);
    this.#draw();
    this.#focus(index, place);
  }

  /** Adds a condition to group `index`, which may be one past the last. */
  #append(index) {
    const conditions = [...(this.#groups[index] ?? []), conditionOn("spend")];
    this.#groups = this.#groups.toSpliced(index, 1, conditions);
    this.#draw();
    this.#onchange();
    this.#focus(index, this.#groups[index].length - 1);
  }

  #remove(index, place) {
    const left = this.#groups[index].toSpliced(place, 1);
    this.#groups = left.length ? this.#groups.with(index, left) : this.#groups.toSpliced(index, 1);
    this.#draw();
    this.#onchange();
    this.#addGroup.focus();
  }

  #focus(index, place) {
    const group = this.#list.querySelectorAll(".rule-group")[index];
    group.querySelectorAll(".condition")[place].querySelector("select").focus();
  }
}

const joint = (text) => el("p", { class: "joint" }, text);
