import { createHash } from "node:crypto";

import type { Plain } from "./graph";

/** An account ID that no account has, so that generated ARNs are easy to recognise. */
export const ACCOUNT_ID = "000000000000";

const ALPHABETS = {
  lower: "abcdefghijklmnopqrstuvwxyz0123456789",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
  hex: "0123456789abcdef",
  mixed: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
};

/** A declared resource, with values instead of references. */
export interface Declared {
  urn: string;
  type: string;
  name: string;
  region: string;
  inputs: Record<string, Plain>;
}

/** Generates the IDs and ARNs of one resource. */
export class Names {
  readonly region: string;
  readonly inputs: Record<string, Plain>;
  readonly urn: string;
  readonly name: string;

  constructor(declared: Declared) {
    this.region = declared.region;
    this.inputs = declared.inputs;
    this.urn = declared.urn;
    this.name = declared.name;
  }

  /** Returns `length` characters that depend only on the URN and `salt`. */
  id(length: number, alphabet: keyof typeof ALPHABETS = "lower", salt = ""): string {
    const characters = ALPHABETS[alphabet];
    let digits = BigInt(`0x${createHash("sha512").update(`${salt}\n${this.urn}`).digest("hex")}`);
    let id = "";
    for (let n = 0; n < length; n++) {
      id += characters[Number(digits % BigInt(characters.length))];
      digits /= BigInt(characters.length);
    }
    return id;
  }

  uuid(): string {
    const hex = this.id(32, "hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /** Returns a string input, or an empty string if it is not set. */
  input(key: string): string {
    const value = this.inputs[key];
    return typeof value === "string" ? value : "";
  }

  arn(service: string, resource: string, region = this.region, account = ACCOUNT_ID): string {
    return `arn:aws:${service}:${region}:${account}:${resource}`;
  }
}
