import type { Description } from "./description";

export const KMS: Record<`aws:kms/${string}`, Description> = {
  "aws:kms/key:Key": { judged: "*" },
  "aws:kms/keyPolicy:KeyPolicy": { judged: "*" },
  "aws:kms/alias:Alias": { judged: "*" },
};
