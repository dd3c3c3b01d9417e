import { APP } from "../app";

/**
 * Logical names that the lab asks for. In an app with the lab's own prefix they begin with it
 * already.
 */
const LAB = ["SecureBackendAPI", "SecureBackendFunction"];

/**
 * Returns the CloudWatch namespace of a stage's own metrics. The stage is in the namespace because
 * a metric filter with dimensions cannot have a default value.
 */
export function metricNamespace(stage: string): string {
  return `${APP.prefix}/${stage}`;
}

/** Puts the app's prefix before a name. */
export function withPrefix(name: string): string {
  return LAB.includes(name) && name.startsWith(APP.prefix) ? name : `${APP.prefix}${name}`;
}
