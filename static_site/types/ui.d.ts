/** What the modules of the site pass to each other. */

declare namespace Ui {
  type Role = Api.Me["role"];

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
}
