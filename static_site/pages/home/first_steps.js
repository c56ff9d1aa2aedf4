/** What a new deployment does first: a checklist that is gone after the first launch. */

import { html } from "../../html.js";
import { mayWrite } from "../../session.js";
import { number } from "../../texts/format.js";
import { texts } from "../../texts.js";
import { Button, Card, Empty, Icon } from "../../ui/basic.js";

/** @typedef {{key: "customers" | "segment" | "draft" | "launch", isDone: boolean, href: string}} Step */

/**
 * @param {Api.Overview["first_steps"]} steps
 * @returns {Step[]}
 */
export const stepsOf = (steps) => [
  { key: "customers", isDone: steps.has_customers, href: "/customers/import" },
  { key: "segment", isDone: steps.has_segment, href: "/segments" },
  { key: "draft", isDone: steps.has_draft, href: "/campaigns/new" },
  { key: "launch", isDone: steps.has_launched, href: "/campaigns" },
];

/** @param {{steps: Api.Overview["first_steps"], me: Api.Me}} props */
export function FirstSteps({ steps, me }) {
  const { steps: t } = texts("home");
  if (!mayWrite(me)) return html`<${Card} label=${t.title()}><${Empty} icon="send" title=${t.viewer()} /><//>`;
  const all = stepsOf(steps);
  const next = all.find(({ isDone }) => !isDone);
  return html`<${Card} title=${t.title()}>
    <p class="muted">${t.lead()}</p>
    <ol class="step-list">
      ${all.map(
        (step, index) => html`<li key=${step.key} data-done=${step.isDone}>
          <span class="step-mark">${step.isDone ? html`<${Icon} name="check" size=${16} /><span class="visually-hidden">${t.done()}</span>` : number(index + 1)}</span>
          <span class="step-text"><strong>${t[step.key].title()}</strong><span>${t[step.key].text()}</span></span>
          ${!step.isDone && html`<${Button} kind=${step === next ? "primary" : undefined} href=${step.href}>${t[step.key].action()}<//>`}
        </li>`,
      )}
    </ol>
  <//>`;
}
