import type { APP } from "../app";

export type AppNames = Record<keyof typeof APP, string>;

interface Rule {
  pattern: RegExp;
  /** Follows "expected". */
  expected: string;
}

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const TAG: Rule = {
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u,
  expected: "1 to 256 letters, digits, spaces or _.:/=+-@",
};

export const APP_RULES: Readonly<Record<keyof AppNames, Rule>> = {
  name: {
    pattern: /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/,
    expected: "2 to 32 lower-case letters, digits and hyphens, such as acme-api",
  },
  prefix: {
    pattern: /^[A-Z][A-Za-z0-9]{1,15}$/,
    expected: "2 to 16 letters and digits that begin with a capital, such as Acme",
  },
  region: {
    // GovCloud and China are other partitions of AWS: ARNs differ there, and HTTP APIs and
    // CloudFront do as well.
    pattern: /^(?!us-gov-|cn-)[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/,
    expected: "a region of AWS outside of GovCloud and China, such as us-east-1",
  },
  owner: TAG,
  costCenter: TAG,
  repository: TAG,
};

/** Returns the names. Throws an Error that names the first one that AWS or SST would refuse. */
export function checkApp<Names extends AppNames>(app: Names): Names {
  for (const key of Object.keys(APP_RULES) as (keyof AppNames)[]) {
    const { pattern, expected } = APP_RULES[key];
    if (!pattern.test(app[key])) throw new Error(`infra/app.ts: ${key} is "${app[key]}": expected ${expected}`);
  }
  return app;
}
