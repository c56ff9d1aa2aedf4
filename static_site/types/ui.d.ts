/** What the modules of the site pass to each other. */

declare namespace Ui {
  type Child = Node | string | number | boolean | null | undefined;

  /** An event of a form field. */
  type ControlEvent = Event & { target: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement };

  interface Attributes {
    value?: string | number | null;
    onclick?: (event: MouseEvent) => unknown;
    onchange?: (event: ControlEvent) => unknown;
    oninput?: (event: ControlEvent) => unknown;
    onfocusin?: (event: ControlEvent) => unknown;
    onsubmit?: (event: SubmitEvent) => unknown;
    ontoggle?: (event: Event) => unknown;
    [name: string]: unknown;
  }

  type Role = Api.Me["role"];

  interface PageOptions {
    me: Api.Me;
    params: Record<string, string>;
    /** Aborted when the reader leaves the page. */
    signal: AbortSignal;
  }

  interface Column<Row> {
    title: string;
    cell: (row: Row) => Child;
    isNumber?: boolean;
  }

  interface DialogOptions<Result> {
    title: string;
    content: Child[];
    confirm: string;
    dismiss?: string;
    work: (form: HTMLFormElement) => Promise<Result>;
  }

  /** What a dialog asks before an action. */
  type Confirmation = Omit<DialogOptions<unknown>, "work">;

  type ConditionValue = string | number | boolean | null | undefined | (string | number | boolean)[];

  /** A condition of the rule builder. Arguments that are not filled in are null. */
  interface Condition {
    op: string;
    field?: string;
    measure?: string;
    compare?: string;
    /** The opposite is meant. */
    not?: boolean;
    [argument: string]: ConditionValue;
  }

  type ValueKind = "number" | "date" | "text" | "flag" | "any";

  interface CampaignView {
    element: HTMLElement;
    show(campaign: Api.Campaign, statistics: Api.Statistics | null): void;
  }

  /** Runs the request of an action. */
  type Attempt = (send: () => Promise<unknown>) => Promise<void>;
}
