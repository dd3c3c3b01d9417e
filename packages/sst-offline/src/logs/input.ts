import { AwsError } from "../kit/aws-call";

type Input = Record<string, unknown>;

// Names of the service's errors:
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html
export const invalid = (message: string) => new AwsError("InvalidParameterException", message);
export const notFound = (what: string) =>
  new AwsError("ResourceNotFoundException", `The specified ${what} does not exist.`);
export const exists = (what: string) =>
  new AwsError("ResourceAlreadyExistsException", `The specified ${what} already exists`);

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html,
// API_CreateLogStream.html
const GROUP = /^[.\-_/#A-Za-z0-9]{1,512}$/;
const GROUP_ARN = /^arn:[^:]*:logs:[^:]*:\d*:log-group:([^:]+)(?::\*)?$/;
const STREAM = /^[^:*]{1,512}$/;

/** Returns the log group's name, which a call gives directly or as an ARN. */
export function groupNameIn({ logGroupName, logGroupIdentifier }: Input): string {
  const [name, identifier] = [logGroupName ?? undefined, logGroupIdentifier ?? undefined];
  if (name !== undefined && identifier !== undefined)
    throw invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  if (identifier === undefined) return requireMatch("logGroupName", name, GROUP);
  const [, fromArn] = (typeof identifier === "string" && GROUP_ARN.exec(identifier)) || [];
  return requireMatch("logGroupIdentifier", fromArn ?? identifier, GROUP);
}

export function streamNameIn({ logStreamName }: Input): string {
  return requireMatch("logStreamName", logStreamName, STREAM);
}

function requireMatch(member: string, value: unknown, pattern: RegExp): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw constraint(member, value, `satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`);
}

/** Returns a whole number within bounds, or the default. */
export function wholeNumber(input: Input, member: string, least: number, most: number, otherwise: number): number {
  const value = input[member];
  if (value === undefined || value === null) return otherwise;
  if (typeof value !== "number" || !Number.isInteger(value)) throw constraint(member, value, "be a whole number");
  if (value < least) throw constraint(member, value, `have value greater than or equal to ${least}`);
  if (value > most) throw constraint(member, value, `have value less than or equal to ${most}`);
  return value;
}

export function textIn(input: Input, member: string): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw constraint(member, value, "be a string");
}

/** Returns the member if it is one of these words, or `undefined` if it is absent. */
export function oneOf<Word extends string>(input: Input, member: string, words: readonly Word[]): Word | undefined {
  const value = textIn(input, member);
  const word = words.find((candidate) => candidate === value);
  if (value !== undefined && word === undefined)
    throw constraint(member, value, `satisfy enum value set: [${words.join(", ")}]`);
  return word;
}

export function flag(input: Input, member: string, otherwise: boolean): boolean {
  const value = input[member];
  if (value === undefined || value === null) return otherwise;
  if (typeof value === "boolean") return value;
  throw constraint(member, value, "be true or false");
}

export function constraint(member: string, value: unknown, must: string): AwsError {
  const shown = value === undefined ? "null" : JSON.stringify(value).slice(0, 100);
  return invalid(
    `1 validation error detected: Value '${shown}' at '${member}' failed to satisfy constraint: Member must ${must}`,
  );
}

/** Returns a page of a list, and the token of the next page. The token contains an index. */
export function paged<T>(input: Input, items: T[], limit: number): { items: T[]; nextToken?: string } {
  const token = textIn(input, "nextToken");
  const start = token === undefined ? 0 : Number(/^list-(\d{1,9})$/.exec(token)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) throw invalid("The specified nextToken is invalid.");
  const end = start + limit;
  return { items: items.slice(start, end), ...(end < items.length && { nextToken: `list-${end}` }) };
}
