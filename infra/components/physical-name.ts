import { withPrefix } from "./prefix";

/**
 * Returns a resource's name in AWS: `physicalName("Traffic")` is `AcmeTraffic-dev` with the prefix
 * `Acme`.
 */
export function physicalName(name: string): string {
  return `${withPrefix(name)}-${$app.stage}`;
}
