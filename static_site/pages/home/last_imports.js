/** The last files that were imported. */

import { html } from "../../html.js";
import { texts } from "../../texts.js";
import { Button, Card, Time } from "../../ui/basic.js";
import { Table } from "../../ui/table.js";

/** @typedef {Api.Overview["last_imports"][number]} LastImport */

/** @param {{imports: LastImport[]}} props */
export function LastImports({ imports }) {
  const { imports: t } = texts("home");
  if (!imports.length) return null;
  return html`<${Card}
    title=${t.title()} isFlush
    actions=${html`<${Button} isSmall kind="quiet" href="/customers/imports">${t.all()}<//>`}
  ><${Table}
    caption=${t.title()} columns=${columns()} rows=${imports}
    rowKey=${(/** @type {LastImport} */ { id }) => id}
    href=${(/** @type {LastImport} */ { id }) => `/customers/imports/${encodeURIComponent(id)}`}
  /><//>`;
}

/** @returns {import("../../ui/table.js").Column<LastImport>[]} */
function columns() {
  const { imports: t } = texts("home");
  return [
    {
      title: t.columns.file(),
      phone: "title",
      size: 4,
      cell: ({ file, what }) => html`<bdi class="clamped">${file ?? t.what[what]?.() ?? what}</bdi>`,
    },
    { title: t.columns.rows(), phone: "line", size: 2, cell: ({ rows }) => t.rows(rows) },
    { title: t.columns.by(), size: 4, cell: ({ by }) => html`<bdi class="clamped">${by}</bdi>` },
    { title: t.columns.at(), phone: "end", size: 2, cell: ({ at }) => html`<${Time} at=${at} />` },
  ];
}
