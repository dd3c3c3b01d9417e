import fc from "fast-check";

/** Generates mostly the values of a decent client, and sometimes hostile ones. */
const mostly = <T>(decent: fc.Arbitrary<T>, hostile: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: decent, weight: 19 }, { arbitrary: hostile, weight: 1 });

const METHODS = ["GET", "GET", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND"];
const method = mostly(fc.constantFrom(...METHODS), fc.constantFrom("get", "G T", "", "\u0000"));

const WORDS = ["echo", "items", "greedy", "throws", "dev", "redirect", "broken", "", ".", ".."];
const ENCODED = ["%", "%zz", "%2F", "%3F", "%00", "%ff", "%0d%0aX-Injected:1"];
const piece = fc.oneof(
  fc.constantFrom(...WORDS, ...ENCODED),
  fc.string({ unit: "grapheme", maxLength: 12 }).map(encodeURIComponent),
  fc.string({ unit: fc.constantFrom(..."\"'\\<>{}|^`;,[]~!*()"), maxLength: 8 }),
  fc.integer({ min: 0, max: 4000 }).map((length) => "p".repeat(length)),
);
const PREFIXES = ["/dev/echo", "/dev/echo", "/dev/items", "/dev/greedy", "/dev/throws", "/dev", "/test", ""];
const random = fc
  .tuple(fc.constantFrom(...PREFIXES), fc.array(piece, { maxLength: 2 }), fc.array(piece, { maxLength: 3 }))
  .map(([prefix, path, query]) => {
    return `${[prefix, ...path].join("/") || "/"}${query.length > 0 ? `?${query.join("&a=")}` : ""}`;
  });
/** Requests to misbehaving functions are rare, because each may take a timeout. */
const misbehaving = fc.constantFrom("/dev/crashes", "/dev/hangs", "/dev/late", "/dev/leaks");
const target = fc.oneof({ arbitrary: random, weight: 29 }, { arbitrary: misbehaving, weight: 1 });

const NAMES = ["X-A", "x-a", "Cookie", "User-Agent", "Origin", "Content-Type", "X-Forwarded-For", "__proto__"];
const VALUES = ["application/json", "https://app.example.com", "a=1; b=2", "GET", ""];
const INJECTIONS = ["a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\r\n folded", "\u0000", "\u007f"];
const printable = fc
  .string({ unit: "grapheme", maxLength: 30 })
  .map((text) => Buffer.from(text.replaceAll(/\p{Cc}/gu, "")).toString("latin1"));
const header = fc.tuple(
  mostly(fc.constantFrom(...NAMES, "Access-Control-Request-Method"), fc.constantFrom("X Bad", "", "X\u0000")),
  mostly(fc.oneof(fc.constantFrom(...VALUES), printable), fc.constantFrom(...INJECTIONS)),
);
const PREFLIGHT: [string, string][] = [
  ["Origin", "https://app.example.com"],
  ["Access-Control-Request-Method", "GET"],
];

export const arbitraryRequest = fc
  .record({
    method,
    target,
    headers: fc.array(header, { maxLength: 4 }),
    isPreflight: fc.nat(19).map((n) => n === 0),
    /** Number of Host headers: mostly one, sometimes none or two. */
    hosts: fc.nat(19).map((n) => (n < 2 ? n * 2 : 1)),
    version: mostly(fc.constant("1.1"), fc.constant("1.0")),
    body: fc.option(fc.string({ unit: "binary", maxLength: 60 })),
    chunked: fc.boolean(),
  })
  .map(({ isPreflight, ...request }) => {
    return isPreflight ? { ...request, method: "OPTIONS", headers: [...request.headers, ...PREFLIGHT] } : request;
  });

export type RandomRequest = typeof arbitraryRequest extends fc.Arbitrary<infer T> ? T : never;

/** Returns the bytes of the request. */
export function bytesOf({ method: verb, target: path, headers, hosts, version, body, chunked }: RandomRequest): Buffer {
  const content = Buffer.from(body ?? "");
  const isChunked = chunked && version === "1.1";
  const length = isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${content.length}`;
  const head = [
    `${verb} ${path} HTTP/${version}`,
    ...Array<string>(hosts).fill("Host: a"),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === null ? [] : [length]),
    ...["", ""],
  ].join("\r\n");
  if (body === null || !isChunked) return Buffer.concat([Buffer.from(head, "latin1"), content]);
  const chunk = content.length === 0 ? "" : `${content.length.toString(16)}\r\n${content.toString("latin1")}\r\n`;
  return Buffer.from(`${head}${chunk}0\r\n\r\n`, "latin1");
}

/** True if the first segment of the decoded path is the stage dev. */
export function isInStage(target: string): boolean {
  const [path = ""] = target.split("?", 1);
  return /^\/dev(\/|$)/.test(decode(path));
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
