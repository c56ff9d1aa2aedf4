/** Tables, and tabs above them. */

import { html, useEffect, useRef } from "../html.js";
import { texts } from "../texts.js";
import { announce, Button, Icon } from "./basic.js";

/** @typedef {import("../html.js").Children} Children */

/**
 * - `sort`: the name of the order, as in the request; `first` is "-" where the largest comes first.
 * - `phone`: the place of the cell on a narrow screen: `title` and `aside` in the first line, `line` and `end` in the
 *   second. Cells without a place are hidden there.
 * - `size`: the width relative to the others. Where columns have sizes, no text makes the table wider than its card.
 * - `isWide`: shown only on wide screens.
 * - `isTitleHidden`: for a column of buttons, which need no title to be understood.
 *
 * @template Row
 * @typedef {{
 *   title: string, cell: (row: Row) => Children, isNumber?: boolean, sort?: string, first?: "-" | "",
 *   phone?: "title" | "aside" | "line" | "end", size?: number, isWide?: boolean,
 *   isTitleHidden?: boolean,
 * }} Column
 */

/**
 * The order after a press on the head of a column: the column's first direction, then the other one.
 *
 * @param {string} current
 * @param {string} name
 * @param {string} [first]
 */
export function nextSort(current, name, first = "") {
  const other = first ? name : `-${name}`;
  return current === first + name ? other : first + name;
}

/**
 * @param {string | undefined} current
 * @param {string | undefined} name
 */
function ariaSort(current, name) {
  if (!name || current?.replace("-", "") !== name) return undefined;
  return current?.startsWith("-") ? "descending" : "ascending";
}

/**
 * Which rows are selected, by their keys. `label(row)` names the row's box; with Shift, a press selects all between.
 *
 * @template Row
 * @typedef {{keys: Set<string>, onChange: (keys: Set<string>) => unknown, label: (row: Row) => string}} RowSelection
 */

/**
 * The keys after a press on a box: of the row, or with Shift of all rows from the one pressed before.
 *
 * @param {Set<string>} keys
 * @param {string[]} order The keys of all rows.
 * @param {string} key
 * @param {string | null} from The row pressed before, if Shift is held.
 */
export function afterPress(keys, order, key, from) {
  const isOn = !keys.has(key);
  const [first, last] = [order.indexOf(from ?? key), order.indexOf(key)].toSorted((one, other) => one - other);
  const pressed = first < 0 ? [key] : order.slice(first, last + 1);
  const changed = new Set(keys);
  for (const one of pressed) {
    if (isOn) changed.add(one);
    else changed.delete(one);
  }
  return changed;
}

/**
 * A table; two lines a row on phones. With `href(row)` the whole row is a link. The first column names the row.
 *
 * @template Row
 * @param {{
 *   caption: string, columns: Column<Row>[], rows: Row[], rowKey: (row: Row) => string, href?: (row: Row) => string,
 *   onOpen?: (row: Row) => unknown, sort?: string, onSort?: (sort: string) => unknown, isOld?: boolean,
 *   selection?: RowSelection<Row>,
 * }} props
 */
export function Table({ caption, columns, rows, rowKey, href, onOpen, sort, onSort, isOld, selection }) {
  const pressedBefore = useRef(/** @type {string | null} */ (null));
  const order = rows.map(rowKey);
  /** @param {Row} row @param {MouseEvent} event */
  const onPress = (row, event) => {
    if (!selection) return;
    const key = rowKey(row);
    selection.onChange(afterPress(selection.keys, order, key, event.shiftKey ? pressedBefore.current : null));
    pressedBefore.current = key;
  };
  const total = columns.reduce((sum, { size = 0 }) => sum + size, 0);
  const classes = ["data-table", (href ?? onOpen) && "linked", total && "sized", selection && "selectable"]
    .filter(Boolean)
    .join(" ");
  return html`<table class=${classes} role="table" aria-busy=${isOld}>
    <caption class="visually-hidden">${caption}</caption>
    <thead role="rowgroup"><tr role="row">
      ${selection && html`<${SelectAll} ...${{ selection, order }} />`}
      ${columns.map((column, index) => {
        const isRest = selection && index === 0; // what the boxes and the hidden columns leave
        return html`<${Head} key=${column.title} ...${{ column, sort, onSort, total: isRest ? 0 : total }} />`;
      })}
    </tr></thead>
    <tbody role="rowgroup">
      ${rows.map(
        (row) => html`<${Line} key=${rowKey(row)} ...${{ row, columns, href: href?.(row), onOpen }}
        box=${selection && { label: selection.label(row), isOn: selection.keys.has(rowKey(row)), onPress: (/** @type {MouseEvent} */ event) => onPress(row, event) }}
      />`,
      )}
    </tbody>
  </table>`;
}

/** @param {Column<any>} column */
const classOf = ({ isNumber, isWide }) =>
  [isNumber && "numeric", isWide && "wide-only"].filter(Boolean).join(" ") || undefined;

/** @param {{column: Column<any>, total: number, sort?: string, onSort?: (sort: string) => unknown}} props */
function Head({ column, total, sort = "", onSort }) {
  const { title, sort: name, first, size, isTitleHidden } = column;
  const order = ariaSort(sort, name);
  const label = html`<span class=${isTitleHidden ? "visually-hidden" : undefined}>${title}</span>`;
  const style = size && total ? { width: `${(100 * size) / total}%` } : undefined;
  return html`<th role="columnheader" scope="col" class=${classOf(column)} aria-sort=${order} style=${style}>
    ${
      name && onSort
        ? html`<button type="button" class="sort-button" data-order=${order} onClick=${() => onSort(nextSort(sort, name, first))}>
            ${label}<${Icon} name="chevron" size=${14} />
          </button>`
        : label
    }
  </th>`;
}

/**
 * The box that selects all rows that are shown.
 *
 * @param {{selection: RowSelection<any>, order: string[]}} props
 */
function SelectAll({ selection: { keys, onChange }, order }) {
  const chosen = order.filter((key) => keys.has(key)).length;
  const isAll = chosen === order.length;
  return html`<td role="columnheader" class="select-cell"><label class="select-box"><input
    type="checkbox" aria-label=${texts().table.selectShown()} checked=${isAll} indeterminate=${chosen > 0 && !isAll}
    onChange=${() => onChange(new Set(isAll ? [] : order))}
  /></label></td>`;
}

/**
 * @param {{
 *   row: any, columns: Column<any>[], href?: string, onOpen?: (row: any) => unknown,
 *   box?: {label: string, isOn: boolean, onPress: (event: MouseEvent) => void},
 * }} props
 */
function Line({ row, columns, href, onOpen, box }) {
  /** @param {Children} content */
  const opener = (content) => {
    if (href) return html`<a class="row-link" href=${href}>${content}</a>`;
    return onOpen
      ? html`<button type="button" class="row-link" onClick=${() => onOpen(row)}>${content}</button>`
      : content;
  };
  return html`<tr role="row" data-selected=${box?.isOn || undefined}>
    ${
      box &&
      html`<td role="cell" class="select-cell"><label class="select-box"><input
        type="checkbox" aria-label=${box.label} checked=${box.isOn} onClick=${box.onPress}
      /></label></td>`
    }
    ${columns.map((column, index) => {
      const { title, cell, phone } = column;
      const content = cell(row) ?? texts().nothing();
      const shared = { class: classOf(column), "data-phone": phone };
      return index
        ? html`<td key=${title} role="cell" ...${shared}>${content}</td>`
        : html`<th key=${title} role="rowheader" scope="row" ...${shared}>${opener(content)}</th>`;
    })}
  </tr>`;
}

/**
 * The button below a list that loads more of it.
 *
 * @param {{pages: {items?: unknown[], hasMore: boolean, isLoadingMore: boolean, loadMore: () => Promise<void>}}} props
 */
export function LoadMore({ pages: { items, hasMore, isLoadingMore, loadMore } }) {
  const count = useRef(items?.length ?? 0);
  useEffect(() => {
    const total = items?.length ?? 0;
    if (count.current && total > count.current) announce(texts().table.moreLoaded(total));
    count.current = total;
  }, [items]);
  if (!hasMore) return null;
  return html`<div class="load-more"><${Button} isBusy=${isLoadingMore} onClick=${loadMore}>${texts().actions.loadMore()}<//></div>`;
}

/**
 * One of several views of the same thing. The arrow keys move between the tabs.
 *
 * @param {{
 *   label: string, value: string, onChange: (value: string) => unknown,
 *   items: {value: string, label: string, count?: string}[],
 * }} props
 */
export function Tabs({ label, value, onChange, items }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = (items.findIndex((item) => item.value === value) + step + items.length) % items.length;
    onChange(items[index].value);
    element.current?.querySelectorAll("button")[index].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${element} onKeyDown=${onKeyDown}>
    ${items.map(
      (item) => html`<button
        key=${item.value} type="button" role="tab" class="tab" aria-selected=${item.value === value}
        tabindex=${item.value === value ? 0 : -1} onClick=${() => onChange(item.value)}
      >${item.label}${item.count && html`<span class="tab-count">${item.count}</span>`}</button>`,
    )}
  </div>`;
}
