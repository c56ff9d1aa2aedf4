/** The vendor of a campaign, its channel, and its rate limit. */

import { vendors } from "../../api.js";
import { el, find } from "../../dom/dom.js";
import { field, radioGroup } from "../../dom/forms.js";
import { loadInto } from "../../dom/states.js";

/** @param {{signal: AbortSignal, onLoaded: () => void}} options `onLoaded` is called when the vendors can be chosen. */
export function sendingFields({ signal, onLoaded }) {
  const choices = el("div");
  const load = async () => {
    const { items } = await vendors.list(signal);
    onLoaded();
    return vendorChoice(items.filter(({ available }) => available));
  };
  loadInto(choices, load, signal);
  return el(
    "div",
    { class: "stack tight" },
    choices,
    field({
      label: "Maximum messages per minute (optional)",
      name: "per_minute",
      inputmode: "numeric",
      autocomplete: "off",
      hint: "If empty, Herald sends as fast as the vendor accepts messages.",
    }),
  );
}

/**
 * The vendors, and the channels of the chosen one. The channel stays the same if the next vendor has it, too.
 *
 * @param {Api.Vendor[]} available
 */
function vendorChoice(available) {
  const [first] = available;
  const channel = field({ label: "Channel", name: "channel", tag: "select" });
  const select = find(channel, "select");
  /** @param {Api.Vendor} vendor */
  const showChannels = ({ channels }) => {
    const { value: chosen } = select;
    const options = channels.map(({ name, label }) => el("option", { value: name, selected: name === chosen }, label));
    select.replaceChildren(...options);
  };
  showChannels(first);
  const vendor = radioGroup({
    legend: "Send through",
    name: "vendor",
    options: available.map(({ name, label, hint }) => ({ value: name, label, hint })),
    selected: first.name,
    onchange: ({ target }) => showChannels(available.find(({ name }) => name === target.value) ?? first),
  });
  return el("div", { class: "stack tight" }, vendor, channel);
}
