/**
 * The rule that the builder shows: groups of conditions and of other groups, at any depth. Each item has an `id`, so
 * that its inputs stay the same elements while others come and go. Conditions may be incomplete; the tree leaves them
 * out.
 */

import { childrenOf } from "./rule_text.js";
import { argumentsOf, canBeNegated, isComplete, isShown, leafFrom, newCondition, plainCondition } from "./rules.js";

/** @typedef {{id: number, kind: "group", join: "and" | "or", not: boolean, items: Item[]}} Group */
/** @typedef {{id: number, kind: "condition", condition: Ui.Condition}} ConditionItem */
/** @typedef {{id: number, kind: "fixed", node: Api.RuleNode}} FixedItem A part that only the text can change. */
/** @typedef {Group | ConditionItem | FixedItem} Item */

let ids = 0;

const nextId = () => {
  ids += 1;
  return ids;
};

/**
 * @param {Item[]} items
 * @param {{join?: "and" | "or", not?: boolean}} [options]
 * @returns {Group}
 */
const newGroup = (items, { join = "and", not = false } = {}) => ({ id: nextId(), kind: "group", join, not, items });

/**
 * @param {Ui.Condition} condition
 * @returns {ConditionItem}
 */
const conditionItem = (condition) => ({ id: nextId(), kind: "condition", condition });

/** A rule with one condition that is not filled in. */
export const emptyModel = () => newGroup([conditionItem(newCondition("spend"))]);

/**
 * The model of a tree: always a group.
 *
 * @param {Api.RuleNode} tree
 * @returns {Group}
 */
export function modelFrom(tree) {
  const item = itemFrom(tree);
  return item.kind === "group" && !item.not ? item : newGroup([item]);
}

/**
 * @param {Api.RuleNode} node
 * @returns {Item}
 */
function itemFrom(node) {
  if (node.op === "and" || node.op === "or") return newGroup(childrenOf(node).map(itemFrom), { join: node.op });
  if (node.op !== "not") {
    return isShown(node) ? conditionItem(plainCondition(node)) : { id: nextId(), kind: "fixed", node };
  }
  const item = itemFrom(childrenOf(node)[0]);
  if (item.kind === "group" && !item.not) return { ...item, not: true };
  if (item.kind === "condition" && canBeNegated(item.condition)) {
    return conditionItem({ ...item.condition, not: true });
  }
  return newGroup([item], { join: "or", not: true });
}

/**
 * The item without what is not complete; null if nothing is left.
 *
 * @param {Item} item
 * @returns {Item | null}
 */
function complete(item) {
  if (item.kind === "condition") return isComplete(item.condition) ? item : null;
  if (item.kind === "fixed") return item;
  const items = item.items.map(complete).filter((child) => child !== null);
  return items.length ? { ...item, items } : null;
}

/**
 * The tree of a model, without incomplete conditions, and the path of each item in it; null if there is nothing.
 *
 * @param {Group} model
 * @returns {{tree: Api.RuleNode, paths: Map<number, string>} | null}
 */
export function treeFrom(model) {
  const whole = complete(model);
  /** @type {Map<number, string>} */
  const paths = new Map();
  return whole && { tree: nodeFrom(whole, "rules", paths), paths };
}

/**
 * @param {Item} item
 * @param {string} path
 * @param {Map<number, string>} paths
 * @returns {Api.RuleNode}
 */
function nodeFrom(item, path, paths) {
  paths.set(item.id, path);
  if (item.kind === "fixed") return item.node;
  if (item.kind === "condition") return leafFrom(item.condition);
  const inner = item.not ? `${path}.of` : path;
  const [only, ...others] = item.items;
  const node = others.length
    ? { op: item.join, of: item.items.map((child, index) => nodeFrom(child, `${inner}.of.${index}`, paths)) }
    : nodeFrom(only, inner, paths);
  return item.not ? { op: "not", of: node } : node;
}

/**
 * Whether every condition has its values.
 *
 * @param {Item} item
 * @returns {boolean}
 */
export function isModelComplete(item) {
  if (item.kind === "group") return item.items.every(isModelComplete);
  return item.kind === "fixed" || isComplete(item.condition);
}

/**
 * The model with one item changed by `change`; null removes it, and groups that are then empty. The outermost group
 * keeps one condition.
 *
 * @param {Group} model
 * @param {number} id
 * @param {(item: any) => Item | null} change
 * @returns {Group}
 */
export function withItem(model, id, change) {
  const changed = changeItem(model, id, change);
  return changed?.kind === "group" ? changed : emptyModel();
}

/**
 * @param {Item} item
 * @param {number} id
 * @param {(item: any) => Item | null} change
 * @returns {Item | null}
 */
function changeItem(item, id, change) {
  if (item.id === id) return change(item);
  if (item.kind !== "group") return item;
  const items = item.items.map((child) => changeItem(child, id, change)).filter((child) => child !== null);
  return items.length ? { ...item, items } : null;
}

/**
 * The model with a new condition at the end of a group. With `isGroup` it is in a group of its own, which joins the
 * other way.
 *
 * @param {Group} model
 * @param {number} id
 * @param {{isGroup?: boolean, subject?: string}} [options]
 * @returns {{model: Group, added: number}}
 */
export function withNewCondition(model, id, { isGroup = false, subject = "spend" } = {}) {
  const added = conditionItem(newCondition(subject));
  /** @param {Group} group */
  const append = (group) => {
    const item = isGroup ? newGroup([added], { join: group.join === "and" ? "or" : "and" }) : added;
    return { ...group, items: [...group.items, item] };
  };
  return { model: withItem(model, id, append), added: added.id };
}

/**
 * How many conditions there are.
 *
 * @param {Item} item
 * @returns {number}
 */
export const countConditions = (item) =>
  item.kind === "group" ? item.items.reduce((sum, child) => sum + countConditions(child), 0) : 1;

/**
 * The first argument of a condition that has no value; undefined if there is none.
 *
 * @param {Ui.Condition} condition
 */
export const firstEmpty = (condition) => argumentsOf(condition).find((name) => (condition[name] ?? null) === null);
