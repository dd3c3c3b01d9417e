import { withPrefix } from "./prefix";

/** Returns a resource's name in AWS: `physicalName("Audit")` is `AcmeAudit-dev` with the prefix `Acme`. */
export function physicalName(name: string): string {
  return `${withPrefix(name)}-${$app.stage}`;
}
