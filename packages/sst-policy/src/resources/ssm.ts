import type { Description } from "./description";

export const SSM: Record<`aws:ssm/${string}`, Description> = {
  "aws:ssm/parameter:Parameter": { unjudged: "its value is judged by no-secret-value" },
};
