import { type Coverage, SITE } from "./reasons";

export const OTHERS: Record<`${"command" | "pulumi" | "pulumi-nodejs" | "random"}:${string}`, Coverage> = {
  // The key that encrypts SST's links. Links are reported as a gap of each function.
  "random:index/randomBytes:RandomBytes": { length: true },
  "command:local:Command": SITE,
  "pulumi-nodejs:dynamic:Resource": SITE,
  "pulumi:providers:aws": { region: true, skipCredentialsValidation: true, skipRegionValidation: true },
};
