import { idOnly, type Row } from "./row";

export const OTHERS: Record<`${"command" | "pulumi" | "pulumi-nodejs" | "random"}:${string}`, Row> = {
  "command:local:Command": (names) => ({ id: names.id(10), outputs: { stdout: "", stderr: "" } }),
  // SST's own providers: bucket files, key-value entries, invalidations. Nothing reads their
  // outputs.
  "pulumi-nodejs:dynamic:Resource": idOnly,
  "pulumi:providers:aws": (names) => ({ id: names.uuid(), outputs: {} }),
  "random:index/randomBytes:RandomBytes": (names) => {
    const hex = names.id(64, "hex");
    const base64 = Buffer.from(hex, "hex").toString("base64");
    return { id: base64, outputs: { base64, hex }, secrets: ["base64", "hex"] };
  },
};
