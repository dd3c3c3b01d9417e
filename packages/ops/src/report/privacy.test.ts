import { describe, expect, it } from "vitest";

import { createPseudonymizer, networkOf, pseudonymOf } from "./privacy";

const key = new Uint8Array(32).fill(7);

describe("networkOf", () => {
  // Computed with Python's ipaddress: ip_network((address, 24 or 48), strict=False), after
  // ipv4_mapped.
  it.each([
    ["203.0.113.7", "203.0.113.0/24"],
    ["203.0.113.255", "203.0.113.0/24"],
    ["2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:db8:85a3::/48"],
    ["2001:db8::1", "2001:db8::/48"],
    ["2001:DB8:0:1::", "2001:db8::/48"],
    ["2001:db8:1::8.8.8.8", "2001:db8:1::/48"],
    ["::1", "::/48"],
    ["::", "::/48"],
    ["fe80::1%eth0", "fe80::/48"],
    ["::ffff:203.0.113.7", "203.0.113.0/24"],
    ["::ffff:cb00:7107", "203.0.113.0/24"],
    ["0:0:1::1", "0:0:1::/48"],
    ["ada@example.com", "withheld"],
    ["203.0.113", "withheld"],
    ["", "withheld"],
  ])("of %s is %s", (given, expected) => {
    expect(networkOf(given)).toBe(expected);
  });
});

describe("a pseudonym", () => {
  // HMAC-SHA-256 by Python: hmac.new(bytes([7]) * 32, b"ada", "sha256").hexdigest()[:12]
  it("is a keyed hash", () => {
    expect(pseudonymOf("ada", key)).toBe("user-cf2f093f9c4c");
  });

  it("differs for another key", () => {
    expect(pseudonymOf("ada", new Uint8Array(32).fill(8))).not.toBe(pseudonymOf("ada", key));
  });
});

describe("a pseudonymized entry", () => {
  const entry = { requestId: "x", requestTimeEpoch: 1, status: 200, responseLength: 2, responseLatency: 3 };

  it("has a network and a pseudonym instead of address and user", () => {
    expect(createPseudonymizer(key)({ ...entry, sourceIp: "203.0.113.7", user: "ada" })).toEqual({
      ...entry,
      sourceIp: "203.0.113.0/24",
      user: "user-cf2f093f9c4c",
    });
  });

  it("has neither if the entry had neither", () => {
    expect(createPseudonymizer(key)(entry)).toEqual(entry);
  });
});
