import { UsageError } from "@backend/sst-graph/usage-error";

import { APP_RULES, type AppNames } from "../../components/check-app";

export type NameKey = keyof AppNames;

/** Option of each name, and what is asked on a terminal where it is not given. */
export const QUESTIONS: Readonly<Record<NameKey, { option: string; question: string }>> = {
  name: { option: "--name", question: "Name of the app" },
  prefix: { option: "--prefix", question: "First part of names in AWS" },
  region: { option: "--region", question: "AWS region" },
  owner: { option: "--owner", question: "Team to ask about the app" },
  costCenter: { option: "--cost-center", question: "Cost center" },
  repository: { option: "--repository", question: "Repository" },
};

/** Returns the value. Throws a UsageError that says what was expected of it. */
export function checkName(key: NameKey, value: string): string {
  const { pattern, expected } = APP_RULES[key];
  if (!pattern.test(value)) throw new UsageError(`${QUESTIONS[key].option} "${value}": expected ${expected}`);
  return value;
}

/** `acme-api` becomes `AcmeApi`, cut to the length of a prefix. */
export function prefixOf(name: string): string {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join("").slice(0, 16);
}
