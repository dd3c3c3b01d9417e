import type { Description } from "./description";

export const OTHERS: Record<`${"command" | "pulumi" | "pulumi-nodejs" | "random"}:${string}`, Description> = {
  "command:local:Command": {
    judged: "create update delete dir environment interpreter archivePaths addPreviousOutputInEnv triggers",
  },
  "pulumi-nodejs:dynamic:Resource": {
    unjudged: "uploads files of a site and clears caches; deploy-code-of-sst rejects steps that are not SST's",
  },
  "pulumi:providers:aws": { unjudged: "region and tags" },
  "pulumi:pulumi:Stack": { unjudged: "the deployment itself" },
  "random:index/randomBytes:RandomBytes": { unjudged: "SST's key for linked resources, which the app does not use" },
};
