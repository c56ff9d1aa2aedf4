/** The texts of the page for a goal in English. `hi.js` has the same keys. */

import { count, number } from "../format.js";

export default {
  title: () => "Describe your goal",
  lead: () => "Say what you want to achieve. You get a draft to look at; nothing is sent.",
  all: () => "Campaigns",
  goal: () => "Your goal",
  hint: () => "Say who it is for, with numbers, and what you offer. Nothing is offered that you do not say.",
  placeholder: () =>
    "Bring back people who have not visited for 90 days, with 15% off their next order, code BACK15, until Sunday",
  ask: () => "Make a draft",
  again: () => "Make another draft",
  unclear: () => "That is not clear yet",
  unclearHint: () => "Say it in your goal, and ask again.",
  audience: (/** @type {number} */ value) =>
    `Audience: ${number(value)} ${count(value, { one: "person", other: "people" })}`,
  messages: () => "Choose a message",
  messagesHint: () => "Every offer, code and date in them is from your goal. You can change all of it in the draft.",
  noMessage: () => "Gemini wrote no message that offers only what you said. Write it in the draft.",
  angles: {
    benefit: () => "What they get",
    personal: () => "Personal",
    question: () => "With a question",
  },
  refused: (/** @type {number} */ value) =>
    `${number(value)} more ${count(value, { one: "text was", other: "texts were" })} refused, because of something that your goal does not say.`,
  time: {
    said: (/** @type {string} */ at) => `A time to send it, on the day that you said: ${at}. Nothing is scheduled yet.`,
    next_morning: (/** @type {string} */ at) =>
      `A time to send it: ${at}, the next working morning. Nothing is scheduled yet.`,
  },
  open: () => "Open the draft",
};
