import type { Description } from "./description";

export const ROUTE53: Record<`aws:route53/${string}`, Description> = {
  "aws:route53/record:Record": { unjudged: "only a name" },
};
