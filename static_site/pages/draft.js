/** A campaign that is not launched yet. */

import { campaigns, segments } from "../api.js";
import { el } from "../dom.js";
import { busy, button, formError, showProblem } from "../forms.js";
import { plural } from "../format.js";
import { mayWrite } from "../session.js";
import { fill, panel } from "../states.js";
import { confirmLaunch } from "./confirm_launch.js";

export function draftPanel({ campaign, me, signal, onlaunched }) {
  const reach = el("div");
  fill(reach, async () => reachOf(await segments.preview({ rules: campaign.rules }, signal)), signal);
  const place = panel("Ready to launch", {}, reach, formError());
  if (mayWrite(me)) place.append(launchButton({ campaign, place, onlaunched }));
  return place;
}

const reachOf = ({ count }) => el("p", {}, el("strong", {}, plural(count, "customer")), " would be written to now.");

function launchButton({ campaign, place, onlaunched }) {
  const launch = button("Launch", { kind: "primary" });
  const work = async () => {
    if (!(await confirmLaunch({ rules: campaign.rules }))) return;
    await campaigns.launch(campaign.id);
    await onlaunched();
  };
  launch.addEventListener("click", () => busy([launch], work).catch((error) => showProblem(place, error)));
  return el("div", { class: "actions start" }, launch);
}
