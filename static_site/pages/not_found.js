/** For a path that is no page. */

import { el, heading } from "../dom.js";
import { empty } from "../states.js";

export const notFoundPage = () =>
  el(
    "div",
    { class: "page" },
    heading("There is no such page"),
    empty("The link may be old or mistyped.", el("a", { class: "button", href: "/campaigns" }, "Go to the campaigns")),
  );
