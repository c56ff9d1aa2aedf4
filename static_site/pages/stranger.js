/** For somebody who signed in, but is not a member. */

import { el, heading } from "../dom.js";
import { button } from "../forms.js";
import { signOut } from "../session.js";

export const strangerPage = ({ email }) =>
  el(
    "div",
    { class: "page narrow" },
    heading("You can't come in yet"),
    el(
      "section",
      { class: "panel stack" },
      el("p", {}, `You are signed in as ${email}, but are not a member of this Herald; ask an admin.`),
      button("Use another account", { onclick: signOut }),
    ),
  );
