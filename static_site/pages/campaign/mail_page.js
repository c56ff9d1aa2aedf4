/** An e-mail as a mailbox shows it: in a frame that can do nothing, as narrow as a phone or wide, light or dark. */

import { campaigns } from "../../api.js";
import { useResource } from "../../data/resource.js";
import { html, useEffect, useId, useRef, useState } from "../../html.js";
import { texts } from "../../texts.js";
import { Button, Loaded } from "../../ui/basic.js";
import { Dialog } from "../../ui/overlays.js";
import { Tabs } from "../../ui/table.js";

/** @typedef {{subject?: string | null, body?: string | null, preview?: string | null, language?: string | null}} MailText */
/** @typedef {"light" | "dark"} Scheme */

/**
 * What of a campaign changes its mails.
 *
 * @typedef {{channel: string, transactional?: boolean, tracking?: Api.TrackingChoice}} MailSettings
 */

/**
 * The text of a message, and beside it how the mail looks. Other channels have only the text.
 *
 * @param {{text: MailText, settings: MailSettings, children: import("../../html.js").Children}} props
 */
export function TextOrMail({ text, settings, children }) {
  const { mail: t } = texts("campaign");
  const [view, setView] = useState("text");
  if (settings.channel !== "email" || !text.body) return children;
  const items = [
    { value: "text", label: t.text() },
    { value: "mail", label: t.mail() },
  ];
  return html`<div class="stack-view">
    <${Tabs} label=${t.label()} value=${view} items=${items} onChange=${setView} />
    ${view === "text" ? children : html`<${MailPage} text=${text} settings=${settings} />`}
  </div>`;
}

/** @param {{text: MailText, settings: MailSettings}} props */
function MailPage({ text: { subject, body, preview, language }, settings: { transactional = false, tracking } }) {
  const { mail: t } = texts("campaign");
  const [scheme, setScheme] = useState(/** @type {Scheme} */ ("light"));
  const [isWide, setIsWide] = useState(false);
  /** @type {Api.MailRequest} */
  const request = {
    subject: subject ?? "",
    body: body ?? "",
    preview: preview ?? "",
    transactional,
    utm: tracking?.utm ?? null,
    language: language ?? null,
  };
  const mail = useResource(`mail ${JSON.stringify(request)}`, (signal) => campaigns.mail(request, signal), {
    keep: true,
  });
  const bar = html`<${SchemeChoice} scheme=${scheme} onChange=${setScheme} />`;
  return html`<${Loaded} resource=${mail} rows=${6}>
    ${(/** @type {Api.RenderedMail} */ rendered) => html`<div class="mail-view">
      <div class="mail-bar">${bar}<${Button} isSmall kind="quiet" onClick=${() => setIsWide(true)}>${t.wide()}<//></div>
      <${Frame} mail=${rendered} scheme=${scheme} />
      ${
        isWide &&
        html`<${Dialog} title=${t.wideTitle()} isWide onClose=${() => setIsWide(false)}>
        <div class="mail-view"><div class="mail-bar">${bar}</div><${Frame} mail=${rendered} scheme=${scheme} isWide /></div>
      <//>`
      }
    </div>`}
  <//>`;
}

/** @param {{scheme: Scheme, onChange: (scheme: Scheme) => void}} props */
function SchemeChoice({ scheme, onChange }) {
  const { mail: t } = texts("campaign");
  return html`<div class="button-row" role="group" aria-label=${t.colors()}>
    ${
      /** @type {Scheme[]} */ (["light", "dark"]).map(
        (one) =>
          html`<${Button} key=${one} isSmall kind=${one === scheme ? undefined : "quiet"} aria-pressed=${one === scheme} onClick=${() => onChange(one)}>${t[one]()}<//>`,
      )
    }
  </div>`;
}

/**
 * A frame with an address of its own has its own policy: images, one style sheet, no script. What it shows is posted
 * there. Each page gets a new frame, so that the browser's Back leaves this page and not only the frame.
 *
 * @param {{mail: Api.RenderedMail, scheme: Scheme, isWide?: boolean}} props
 */
const Frame = ({ mail, scheme, isWide = false }) =>
  html`<${PostedFrame} key=${`${scheme} ${mail.page}`} mail=${mail} scheme=${scheme} isWide=${isWide} />`;

/** @param {{mail: Api.RenderedMail, scheme: Scheme, isWide: boolean}} props */
function PostedFrame({ mail, scheme, isWide }) {
  const name = useId();
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  useEffect(() => form.current?.submit(), []);
  return html`<form ref=${form} hidden method="post" action=${mail.page} target=${name}>
      <input type="hidden" name="html" value=${mail.html} />
      <input type="hidden" name="scheme" value=${scheme} />
    </form>
    <iframe
      class="mail-frame" data-wide=${isWide} data-scheme=${scheme} name=${name} sandbox=""
      title=${texts("campaign").mail.frame()}
    ></iframe>`;
}
