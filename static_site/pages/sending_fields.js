/** Through whom a campaign is sent, and how fast. */

import { el } from "../dom.js";
import { choice, field } from "../forms.js";

const VENDORS = [
  { value: "simulator", label: "Simulator", hint: "Sends nothing: reports nine in ten as sent, the others as failed." },
  { value: "webhook", label: "Webhook", hint: "Posts each message to the address that this Herald was set up with." },
];

export const sendingFields = () =>
  el(
    "div",
    { class: "stack tight" },
    choice({ legend: "Send through", name: "vendor", options: VENDORS, chosen: "simulator" }),
    field({
      label: "Messages a minute, at most (optional)",
      name: "per_minute",
      inputmode: "numeric",
      autocomplete: "off",
      hint: "Empty: as fast as the vendor takes them.",
    }),
  );
