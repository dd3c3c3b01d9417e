import { type Coverage, SITE } from "./reasons";

export const OTHERS: Record<`${"command" | "pulumi" | "pulumi-nodejs" | "random"}:${string}`, Coverage> = {
  // The key of SST's encrypted links: no function links anything.
  "random:index/randomBytes:RandomBytes": { length: true },
  "command:local:Command": SITE,
  "pulumi-nodejs:dynamic:Resource": SITE,
  "pulumi:providers:aws": { region: true, skipCredentialsValidation: true, skipRegionValidation: true },
};
