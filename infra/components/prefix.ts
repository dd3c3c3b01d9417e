import { APP } from "../app";

/** Logical names that the lab asks for. In an app with the lab's own prefix they begin with it already. */
const LAB = ["SecureBackendAPI", "SecureBackendFunction"];

/** Puts the app's prefix before a name. */
export function withPrefix(name: string): string {
  return LAB.includes(name) && name.startsWith(APP.prefix) ? name : `${APP.prefix}${name}`;
}
