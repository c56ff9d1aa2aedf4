/** One numbered step of the editor. */

import { html } from "../../html.js";
import { texts } from "../../texts.js";

/**
 * @param {{name: "audience" | "message" | "sending" | "check", number: number, children?: import("../../html.js").Children}} props
 */
export const Step = ({ name, number, children }) => html`<section
  class="card editor-step" id="step-${name}" tabindex="-1" aria-labelledby="step-${name}-title"
>
  <h2 id="step-${name}-title"><span class="step-number" aria-hidden="true">${number}</span>${texts("editor").steps[name]()}</h2>
  ${children}
</section>`;
