import { createHmac } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";

import type { AccessLogEntry } from "@backend/platform/access-log/entry";

/**
 * Creates a function that replaces addresses by their networks (IPv4 /24, IPv6 /48) and users by
 * pseudonyms. A pseudonym is the same for the same user and key, and cannot be computed without the
 * key. Machine clients, whose `user` equals `client`, are not replaced.
 */
export function createPseudonymizer(key: Uint8Array): (entry: AccessLogEntry) => AccessLogEntry {
  return (entry) => ({
    ...entry,
    ...(entry.sourceIp !== undefined && { sourceIp: networkOf(entry.sourceIp) }),
    ...(entry.user !== undefined && entry.user !== entry.client && { user: pseudonymOf(entry.user, key) }),
  });
}

export function pseudonymOf(user: string, key: Uint8Array): string {
  return `user-${createHmac("sha256", key).update(user).digest("hex").slice(0, 12)}`;
}

/** Returns the network of an IP address. Any other text is withheld, because it may be personal. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return `${address.split(".", 3).join(".")}.0/24`;
  if (!isIPv6(address)) return "withheld";
  const [bare = ""] = address.split("%", 1); // without the zone, such as %eth0
  const groups = groupsOf(bare);
  const mapped = groups.slice(0, 6).every((group, index) => group === (index === 5 ? 0xffff : 0));
  if (mapped) return networkOf(ipv4Of(groups.slice(6))); // an IPv4-mapped address
  const prefix = groups.slice(0, 3).map((group) => group.toString(16));
  return `${new URL(`http://[${prefix.join(":")}::]`).hostname.slice(1, -1)}/48`; // the shortest form
}

/** Returns the eight 16-bit groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [left = "", right = ""] = address.split("::", 2);
  const [before, after] = [groupsIn(left), groupsIn(right)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsIn(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function ipv4Of(groups: number[]): string {
  return groups.flatMap((group) => [group >> 8, group & 255]).join(".");
}
