/** A rule that is built from conditions: AND inside a group, OR between groups. */

import { el, find } from "../dom/dom.js";
import { button } from "../dom/forms.js";
import { conditionRow } from "./condition.js";
import { groupsFrom, isComplete, newCondition, pathOf, treeFrom } from "./rules.js";

/** @implements {Ui.RuleEditor} */
export class RuleBuilder {
  missing = "Fill in every value to see how many customers match.";
  #groups = [[newCondition("spend")]];
  #onchange;
  #list = el("div", { class: "rule-groups" });
  #addGroup = button("Add a group (OR)", { onclick: () => this.#append(this.#groups.length) });

  /** @param {{onchange: () => void}} options */
  constructor({ onchange }) {
    this.#onchange = onchange;
    const error = el("p", { class: "field-error", role: "alert" });
    this.element = el("div", { class: "builder", "data-field": "rules" }, this.#list, this.#addGroup, error);
    this.#render();
  }

  rule() {
    return this.#groups.flat().every(isComplete) ? { rules: treeFrom(this.#groups) } : null;
  }

  choice() {
    return this.rule();
  }

  /** @param {{rules: Api.RuleNode}} rule */
  accept({ rules }) {
    const groups = groupsFrom(rules);
    if (groups) this.#groups = groups;
    this.#render();
    return Boolean(groups);
  }

  #render() {
    const groups = this.#groups.map((conditions, index) => this.#group(conditions, index));
    this.#list.replaceChildren(...groups.flatMap((group, index) => (index ? [connector("or"), group] : [group])));
  }

  /**
   * @param {Ui.Condition[]} conditions
   * @param {number} index
   */
  #group(conditions, index) {
    const rows = conditions.map((condition, position) => this.#row(condition, index, position));
    const add = button("Add a condition (AND)", { kind: "quiet", onclick: () => this.#append(index) });
    return el("fieldset", { class: "rule-group" }, el("legend", {}, `Group ${index + 1}`), ...rows, add);
  }

  /**
   * @param {Ui.Condition} condition
   * @param {number} index
   * @param {number} position
   */
  #row(condition, index, position) {
    const isOnly = this.#groups.flat().length === 1;
    return conditionRow({
      condition,
      title: `Condition ${position + 1}`,
      path: pathOf(this.#groups, index, position),
      onEdit: (changed) => this.#edit(index, position, changed),
      onReplace: (changed) => this.#replace(index, position, changed),
      onRemove: isOnly ? undefined : () => this.#remove(index, position),
    });
  }

  /**
   * Stores what the reader types. The inputs are not rendered again, because the cursor would be lost.
   *
   * @param {number} index
   * @param {number} position
   * @param {Ui.Condition} changed
   */
  #edit(index, position, changed) {
    this.#groups = this.#groups.with(index, this.#groups[index].with(position, changed));
    this.#onchange();
  }

  /**
   * Stores a condition that needs other inputs.
   *
   * @param {number} index
   * @param {number} position
   * @param {Ui.Condition} changed
   */
  #replace(index, position, changed) {
    this.#edit(index, position, changed);
    this.#render();
    this.#focus(index, position);
  }

  /**
   * Adds a condition to a group. The group after the last one is new.
   *
   * @param {number} index
   */
  #append(index) {
    const conditions = [...(this.#groups[index] ?? []), newCondition("spend")];
    this.#groups = this.#groups.toSpliced(index, 1, conditions);
    this.#render();
    this.#onchange();
    this.#focus(index, this.#groups[index].length - 1);
  }

  /**
   * @param {number} index
   * @param {number} position
   */
  #remove(index, position) {
    const rest = this.#groups[index].toSpliced(position, 1);
    this.#groups = rest.length ? this.#groups.with(index, rest) : this.#groups.toSpliced(index, 1);
    this.#render();
    this.#onchange();
    this.#addGroup.focus();
  }

  /**
   * @param {number} index
   * @param {number} position
   */
  #focus(index, position) {
    const group = this.#list.querySelectorAll(".rule-group")[index];
    find(group.querySelectorAll(".condition")[position], "select").focus();
  }
}

/** @param {string} text */
const connector = (text) => el("p", { class: "connector" }, text);
