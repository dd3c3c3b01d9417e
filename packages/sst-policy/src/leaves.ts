import type { Resource, Value } from "@backend/sst-graph/graph";
import { isAsset, isObject, isReference, isSecret, splitPieces, unescapeMarker } from "@backend/sst-graph/reference";

export interface Leaf {
  path: string;
  value: Value;
  refs: string[];
  /** True if the value looks like a secret. */
  secret: boolean;
  /** AWS accounts in the text, and buckets that it names by ARN. */
  accounts: string[];
  buckets: string[];
}

const cache = new WeakMap<Resource, Leaf[]>();

/**
 * Returns every value that is not a list or an object. References and secrets count as one value.
 */
export function leavesOf(resource: Resource): Leaf[] {
  const leaves = cache.get(resource) ?? readLeaves(resource);
  cache.set(resource, leaves);
  return leaves;
}

function readLeaves({ inputs }: Resource): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (value: Value, path: string): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) visit(item, `${path}.${index}`);
    else if (value !== null && isObject(value) && !isReference(value) && !isSecret(value) && !isAsset(value))
      for (const [key, item] of Object.entries(unescapeMarker(value)))
        visit(item, path === "" ? key : `${path}.${key}`);
    else leaves.push(leafOf(path, value));
  };
  visit(inputs, "");
  return leaves;
}

function leafOf(path: string, value: Value): Leaf {
  const text = typeof value === "string" ? value : undefined;
  return {
    path,
    value,
    refs: refsOf(value),
    secret: text !== undefined && looksSecret(path, text),
    accounts: text === undefined ? [] : [...new Set(accountsIn(path, text))],
    buckets: text === undefined ? [] : [...text.matchAll(BUCKET)].map(([, name = ""]) => name),
  };
}

function refsOf(value: Value): string[] {
  if (typeof value === "string") {
    return value.includes("${urn:") ? splitPieces(value).flatMap((piece) => ("ref" in piece ? [piece.ref] : [])) : [];
  }
  return value !== null && isObject(value) && isReference(value) ? [value.ref] : [];
}

// AWS access keys (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html),
// private keys, JSON web tokens, GitHub and Slack tokens, passwords in URLs, and long base64 texts.
const BASE64 = "A-Za-z0-9+/";
const SECRET_PATTERNS = [
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/,
  /\b(?:gh[pousr]_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{10,})/,
  /:\/\/[^/\s:@]+:[^/\s:@]+@/,
  new RegExp(
    `(?<![${BASE64}=_-])(?=[${BASE64}]*[0-9])(?=[${BASE64}]*[A-Z])(?=[${BASE64}]*[a-z])` +
      `[${BASE64}]{40,}={0,2}(?![${BASE64}=])`,
  ),
];
const VARIABLE = /environment\.variables\.([^.]+)$/;
const SECRET_WORDS = [
  ...["SECRETS?", "PASSWORDS?", "PASSWD", "PASSPHRASE", "TOKENS?", "CREDENTIALS?", "API_?KEYS?"],
  "(PRIVATE|SECRET|ACCESS|SIGNING|ENCRYPTION)_KEY",
];
/** Names of variables that contain a secret. `TOKEN_TTL` and `SECRET_ARN` only describe one. */
const SECRET_NAME = new RegExp(`(^|_)(${SECRET_WORDS.join("|")})(_(VALUE|DEV|TEST|PROD|\\d+))*$`);

/** Properties for people, which may contain a password such as `password=hunter2`. */
const PROSE = /(description|comment|label|displayname)$/i;
const ASSIGNMENT = /\b(password|passwd|pwd|secret|token|api[ _-]?key)\s*[:=]\s*\S{6,}/i;

export function looksSecret(path: string, value: string): boolean {
  if (PROSE.test(path) && ASSIGNMENT.test(value)) return true;
  const hasPattern = (text: string) => SECRET_PATTERNS.some((pattern) => pattern.test(text));
  if (value.includes("${") && !hasPattern(value.replaceAll(/\$\{[^}]*\}/g, " "))) return false;
  const [, variable] = VARIABLE.exec(path) ?? [];
  const isNamed =
    variable !== undefined && SECRET_NAME.test(variable.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase());
  return hasPattern(value) || (isNamed && value !== "");
}

/** Texts in which a number of twelve digits is an AWS account. */
const ACCOUNT_PATTERNS = [
  /\barn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):/g,
  /\b(\d{12})\.dkr\.ecr\./g, // images: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
  /\bsqs\.[a-z0-9-]+\.amazonaws\.com\/(\d{12})\//g, // queues
];
/** Properties whose whole value is an account, or a list of them. */
const ACCOUNT_KEYS = [
  ...["aws", "sourceaccount", "sourceowner", "accountid", "account", "principal", "catalogid", "registryid"],
  ...["aws:sourceaccount", "aws:sourceowner", "aws:principalaccount", "aws:resourceaccount"],
];
const BUCKET = /\barn:[a-z-]+:s3:::([a-z0-9][a-z0-9.-]*)/g;

function accountsIn(path: string, text: string): string[] {
  const keys = path.toLowerCase().split(".");
  const key = keys.findLast((one) => !/^\d+$/.test(one)) ?? "";
  if (/^\d{12}$/.test(text)) return ACCOUNT_KEYS.includes(key) ? [text] : [];
  return ACCOUNT_PATTERNS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, account = ""]) => account));
}
