import type { Description } from "./description";

export const SECRETSMANAGER: Record<`aws:secretsmanager/${string}`, Description> = {
  "aws:secretsmanager/secret:Secret": { judged: "*" },
  "aws:secretsmanager/secretPolicy:SecretPolicy": { judged: "*" },
  "aws:secretsmanager/secretRotation:SecretRotation": { judged: "*" },
};
