/** The page for a signed-in user who is not a member. */

import { signOut } from "../../session.js";
import { el, heading } from "../../ui/dom.js";
import { button } from "../../ui/forms.js";

/** @param {{email: string | null}} user */
export const notAMemberPage = ({ email }) =>
  el(
    "div",
    { class: "page narrow" },
    heading("You do not have access yet"),
    el(
      "section",
      { class: "panel stack" },
      el("p", {}, `You are signed in as ${email}, but you are not a member of this Herald. Ask an admin to add you.`),
      button("Use another account", { onclick: signOut }),
    ),
  );
