import { UsageError } from "@backend/sst-graph/usage-error";

/** What `infra/app.ts` says of an app. */
export interface AppNames {
  name: string;
  prefix: string;
  region: string;
  owner: string;
  costCenter: string;
  repository: string;
}

export type NameKey = keyof AppNames;

interface Rule {
  option: string;
  question: string;
  pattern: RegExp;
  /** Follows "expected". */
  expected: string;
}

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const TAG = {
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u,
  expected: "1 to 256 letters, digits, spaces or _.:/=+-@",
};

export const RULES: Readonly<Record<NameKey, Rule>> = {
  name: {
    option: "--name",
    question: "Name of the app",
    pattern: /^[a-z][a-z0-9-]{0,30}[a-z0-9]$/,
    expected: "2 to 32 lower-case letters, digits and hyphens, such as acme-api",
  },
  prefix: {
    option: "--prefix",
    question: "First part of names in AWS",
    pattern: /^[A-Z][A-Za-z0-9]{1,15}$/,
    expected: "2 to 16 letters and digits that begin with a capital, such as Acme",
  },
  region: {
    option: "--region",
    question: "AWS region",
    pattern: /^[a-z]{2,3}(-[a-z]+)+-\d{1,2}$/,
    expected: "the name of a region, such as us-east-1",
  },
  owner: { option: "--owner", question: "Team to ask about the app", ...TAG },
  costCenter: { option: "--cost-center", question: "Cost center", ...TAG },
  repository: { option: "--repository", question: "Repository", ...TAG },
};

/** Returns the value. Throws a UsageError that says what was expected of it. */
export function checkName(key: NameKey, value: string): string {
  const { option, pattern, expected } = RULES[key];
  if (!pattern.test(value)) throw new UsageError(`${option} "${value}": expected ${expected}`);
  return value;
}

/** `acme-api` becomes `AcmeApi`, cut to the length of a prefix. */
export function prefixOf(name: string): string {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join("").slice(0, 16);
}
