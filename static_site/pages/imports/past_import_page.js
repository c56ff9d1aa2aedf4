/** One import: its progress, what it did, and its undo. */

import { imports } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html } from "../../html.js";
import { mayWrite } from "../../session.js";
import { dateTime } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Loaded, PageHeader } from "../../ui/basic.js";
import { ImportResult } from "./import_result.js";
import { isRunningImport, pollInterval } from "./import_state.js";

/** @param {{params: {id: string}, me: Api.Me}} props */
export default function PastImportPage({ params: { id }, me }) {
  const { history: t } = texts("imports");
  const status = useResource(`/api/imports/${id}`, (signal) => imports.get(id, signal), { every: pollInterval });
  const lead = status.data && `${t.startedBy(status.data.by)} · ${dateTime(status.data.at)}`;
  return html`<div class="view import-page">
    <${PageHeader} title=${status.data?.file ?? t.title()} lead=${lead} back=${{ href: "/customers/imports", label: t.link() }} />
    <div class="stack-view">
      <${Loaded} resource=${status} rows=${4}>${(/** @type {Api.ImportStatus} */ data) => html`<${ImportResult} status=${data} isRunning=${isRunningImport(data)} mayWrite=${mayWrite(me)} />`}<//>
    </div>
  </div>`;
}
