import type { Resource, Value } from "@backend/sst-graph/graph";
import { escapeMarker, joinPieces, type Piece } from "@backend/sst-graph/reference";
import { isUnknown, type PolicyGraph } from "./view";

/** What `@pulumi/policy` tells of a resource; reading a property that is not known yet throws. */
export interface PulumiResource {
  type: string;
  urn: string;
  name: string;
  props: object;
  parent?: { urn: string };
  dependencies: { urn: string }[];
  /** By property, the resources that its value was made from. */
  propertyDependencies?: Record<string, { urn: string }[]>;
}

/** Whether a value that cannot be told was looked at, and why it cannot. */
export interface Doubt {
  met?: string | undefined;
}

/**
 * Properties as values of a graph: what cannot be read is `{"unknown": "<why>"}`, an asset `{"asset": "file"}`.
 *
 * @param doubt is told when a value that cannot be told is looked at
 */
export function readProps(props: object, doubt: Doubt): Resource["inputs"] {
  const entries = Object.keys(props)
    .filter((key) => !key.startsWith("__")) // the engine's own notes, such as __defaults
    .map((key) => [key, readKey(props, key, doubt)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

function readKey(holder: object, key: string, doubt: Doubt): Value | undefined {
  try {
    return plainOf((holder as Record<string, unknown>)[key], doubt);
  } catch (error) {
    return unknownValue((error as Error).message, doubt);
  }
}

/** Whoever looks at it looks for its keys first. */
function unknownValue(why: string, doubt: Doubt): Value {
  return new Proxy<{ unknown: string }>(
    { unknown: why },
    {
      ownKeys: (value) => {
        doubt.met = why;
        return Reflect.ownKeys(value);
      },
    },
  );
}

function plainOf(value: unknown, doubt: Doubt): Value | undefined {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (Array.isArray(value)) return Array.from(value.keys(), (index) => readKey(value, String(index), doubt) ?? null);
  if (typeof value !== "object") return undefined;
  if ("__pulumiAsset" in value || "__pulumiArchive" in value) return { asset: "file" };
  return escapeMarker(readProps(value, doubt));
}

/**
 * Reads a stack as a graph. Rules ask for references, but the engine shows plain text and, for each property, the
 * resources that it was made from. A text that is, or holds as a whole word, the ARN, id or name of one of these
 * becomes a reference to it. The form of an id does not matter: AWS makes up words such as `iobabrg` too.
 *
 * @param stack resources with their outputs, as far as they are known
 * @param inputs by URN, as they were declared; outputs stand in for those of a resource that is left out
 */
export function graphOfStack(
  stack: PulumiResource[],
  inputs: Map<string, Resource["inputs"]>,
  doubt: Doubt,
): PolicyGraph {
  const own = stack.filter(({ type }) => !type.startsWith("pulumi:providers:"));
  const texts = own.flatMap(({ urn, type, props }) => textsOf(urn, type, readProps(props, doubt)));
  // The longest first: a log group's ARN may begin with another's.
  texts.sort((one, other) => other.text.length - one.text.length);
  const [, stage = "", app = ""] = /^urn:pulumi:([^:]*)::([^:]*)::/.exec(own[0]?.urn ?? "") ?? [];
  const tags = tagsOf(stack, doubt);
  return {
    ...{ app, stage, region: mostFrequent(texts, REGION) ?? "", account: mostFrequent(texts, ACCOUNT) },
    ...(tags !== undefined && { tags }),
    resources: own.map(({ type, urn, name, props, parent, dependencies, propertyDependencies }) => {
      const declared = Object.entries(inputs.get(urn) ?? readProps(props, doubt)).map(([key, value]) => {
        const sources = new Set((propertyDependencies?.[key] ?? dependencies).map((one) => one.urn));
        const known = texts.filter((text) => text.urn !== urn && sources.has(text.urn));
        const whole = new Map(known.toReversed().map((text) => [text.text, text.ref]));
        const within = known.filter((text) => text.within);
        return [key, referring(value, whole, within)] as const;
      });
      return {
        ...{ urn, type, name, dependsOn: dependencies.map((one) => one.urn) },
        ...(parent !== undefined && { parent: parent.urn }),
        inputs: Object.fromEntries(declared),
      };
    }),
  };
}

/** A text by which others may mean a resource. */
interface Known {
  text: string;
  urn: string;
  /** `<urn>#<output>` */
  ref: string;
  /** So much its own that it is told inside a longer text too. */
  within: boolean;
}

const OUTPUTS = ["arn", "executionArn", "endpoint", "apiEndpoint", "bucketRegionalDomainName", "domainName"];
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const BUNDLE = "aws:s3/bucketObjectv2:BucketObjectv2";

function textsOf(urn: string, type: string, props: Resource["inputs"]): Known[] {
  const known = (output: string, within: boolean): Known[] => {
    const text = props[output];
    return typeof text === "string" && text !== "" ? [{ text, urn, ref: `${urn}#${output}`, within }] : [];
  };
  return [
    ...OUTPUTS.flatMap((output) => known(output, true)),
    ...known("name", type === LOG_GROUP), // a path, which is nothing else
    ...(props.id === props.name ? [] : known("id", true)),
    ...(type === BUNDLE ? [...known("bucket", false), ...known("key", false)] : []),
  ];
}

function referring(value: Value, whole: Map<string, string>, within: Known[]): Value {
  if (typeof value === "string") {
    const ref = whole.get(value);
    return joinPieces(ref === undefined ? piecesOf(value, within) : [{ ref }]);
  }
  if (Array.isArray(value)) return value.map((item) => referring(item, whole, within));
  if (typeof value !== "object" || value === null || isUnknown(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, referring(item, whole, within)]));
}

function piecesOf(text: string, within: Known[]): Piece[] {
  for (const known of within) {
    const at = wordAt(text, known.text);
    if (at === -1) continue;
    const end = at + known.text.length;
    return [...piecesOf(text.slice(0, at), within), { ref: known.ref }, ...piecesOf(text.slice(end), within)];
  }
  return text === "" ? [] : [{ text }];
}

/** Where `word` first stands in a text and is not part of a longer word; -1 where it does not. */
function wordAt(text: string, word: string): number {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!/^[\w-]/.test(text.slice(at + word.length)) && !/\w$/.test(text.slice(0, at))) return at;
  }
  return -1;
}

/** Default tags of the stack's providers, where they are told. */
function tagsOf(stack: PulumiResource[], doubt: Doubt): Record<string, string> | undefined {
  for (const { props } of stack.filter(({ type }) => type === "pulumi:providers:aws")) {
    const { defaultTags } = readProps(props, doubt);
    const parsed = typeof defaultTags === "string" ? (JSON.parse(defaultTags) as Value) : defaultTags;
    const { tags } = (parsed ?? {}) as { tags?: Record<string, string> };
    if (tags !== undefined) return tags;
  }
  return undefined;
}

const REGION = /^arn:[^:]+:[^:]+:([a-z0-9-]+):/;
const ACCOUNT = /^arn:[^:]+:[^:]+:[a-z0-9-]*:(\d{12}):/;

/** What most ARNs have in a place: the certificate or the firewall of an edge is in another region. */
function mostFrequent(texts: Known[], place: RegExp): string | undefined {
  const counts = new Map<string, number>();
  for (const { text } of texts) {
    const [, found] = place.exec(text) ?? [];
    if (found !== undefined) counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
