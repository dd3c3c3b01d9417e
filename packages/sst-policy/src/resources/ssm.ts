import type { Description } from "./description";

export const SSM: Record<`aws:ssm/${string}`, Description> = {
  "aws:ssm/parameter:Parameter": { unjudged: "no-secret-value checks its value" },
};
