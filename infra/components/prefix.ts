import { APP } from "../app";

/** Puts the app's prefix before a name, unless the name begins with it. */
export function withPrefix(name: string): string {
  return name.startsWith(APP.prefix) ? name : `${APP.prefix}${name}`;
}
