import type { Description } from "./description";

export const BACKUP: Record<`aws:backup/${string}`, Description> = {
  "aws:backup/selection:Selection": { judged: "*" },
  "aws:backup/plan:Plan": { unjudged: "when it is backed up, and for how long: the team's to say" },
  "aws:backup/vault:Vault": { unjudged: "where backups are kept, encrypted in any case" },
};
