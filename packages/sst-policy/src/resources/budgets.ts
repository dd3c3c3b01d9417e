import type { Description } from "./description";

export const BUDGETS: Record<`aws:budgets/${string}`, Description> = {
  "aws:budgets/budget:Budget": { unjudged: "only notifies people about costs" },
};
