/** The page for an unknown path. */

import { el, heading } from "../ui/dom.js";
import { empty } from "../ui/states.js";

export const notFoundPage = () =>
  el(
    "div",
    { class: "page" },
    heading("Page not found"),
    empty("The link may be old or mistyped.", el("a", { class: "button", href: "/campaigns" }, "Go to campaigns")),
  );
