import { AwsError } from "../../kit/aws-call";
import { constraint, textIn, wholeNumber } from "../../logs/input";

type Input = Record<string, unknown>;

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
const NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;

/** The default and the maximum of items in a page. */
const MAX_PAGE = 60;

/** Returns a required member that is the name of a user or a group. */
export function nameIn(input: Input, member: string): string {
  const value = requiredText(input, member);
  if (NAME.test(value)) return value;
  throw constraint(member, value, "satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+");
}

export function requiredText(input: Input, member: string): string {
  const value = textIn(input, member);
  if (value === undefined) throw constraint(member, value, "not be null");
  return value;
}

interface Paging {
  limit: "Limit" | "MaxResults";
  token: "NextToken" | "PaginationToken";
}

/** Returns a page of a list, with the next page's token under the operation's name for it. */
export function pageOf<T>(input: Input, items: T[], { limit, token }: Paging): { items: T[]; next: object } {
  const given = textIn(input, token);
  const start = given === undefined ? 0 : Number(/^page-(\d{1,9})$/.exec(given)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) throw new AwsError("InvalidParameterException", "Invalid pagination token");
  const size = wholeNumber(input, limit, limit === "Limit" ? 0 : 1, MAX_PAGE, MAX_PAGE) || MAX_PAGE;
  const end = start + size;
  return { items: items.slice(start, end), next: end < items.length ? { [token]: `page-${end}` } : {} };
}

/** Converts a time to epoch seconds, which the JSON protocol uses. */
export function secondsOf(milliseconds: number): number {
  return milliseconds / 1000;
}
