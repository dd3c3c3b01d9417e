import type { Description } from "./description";

export const BUDGETS: Record<`aws:budgets/${string}`, Description> = {
  "aws:budgets/budget:Budget": { unjudged: "tells somebody what is spent" },
};
