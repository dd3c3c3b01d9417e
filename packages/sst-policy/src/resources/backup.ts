import type { Description } from "./description";

export const BACKUP: Record<`aws:backup/${string}`, Description> = {
  "aws:backup/selection:Selection": { judged: "*" },
  "aws:backup/plan:Plan": { unjudged: "each team chooses when to back up and how long to keep it" },
  "aws:backup/vault:Vault": { unjudged: "stores backups, which are always encrypted" },
};
