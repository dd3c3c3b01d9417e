import type { Plain } from "../graph";

// Markers of the deployment engine's protocol for values that JSON has no type for
// (https://github.com/pulumi/pulumi/blob/v3.215.0/sdk/nodejs/runtime/rpc.ts).
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSETS = new Set(["c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"]);

type Marked = { [key: string]: Plain };

export const markers = {
  isSecret: (value: Plain): value is Marked & { value: Plain } => signatureOf(value) === SECRET,
  isAsset: (value: Plain): value is Marked & { path: Plain } => ASSETS.has(signatureOf(value)),

  /** Returns the inputs with secrets as plain values. */
  strip(inputs: Record<string, Plain>): Record<string, Plain> {
    return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, reveal(value)]));
  },
};

function reveal(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  if (markers.isSecret(value)) return reveal(value.value);
  return markers.strip(value);
}

function signatureOf(value: Plain): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "";
  const signature = value[SIGNATURE];
  return typeof signature === "string" ? signature : "";
}
