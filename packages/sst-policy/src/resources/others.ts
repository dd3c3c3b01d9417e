import type { Description } from "./description";

export const OTHERS: Record<`${"command" | "pulumi" | "pulumi-nodejs" | "random"}:${string}`, Description> = {
  "command:local:Command": {
    judged: "create update delete dir environment interpreter archivePaths addPreviousOutputInEnv triggers",
  },
  "pulumi-nodejs:dynamic:Resource": {
    unjudged:
      "SST's own steps, which deploy-code-of-sst tells from others: files of a site, and the clearing of caches",
  },
  "pulumi:providers:aws": { unjudged: "a region and its tags" },
  "pulumi:pulumi:Stack": { unjudged: "the deployment itself" },
  "random:index/randomBytes:RandomBytes": { unjudged: "SST's key for linked resources, of which there are none" },
};
