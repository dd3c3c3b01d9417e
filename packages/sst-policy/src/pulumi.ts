import type { Resource, Value } from "@backend/sst-graph/graph";
import { escapeMarker, joinPieces, type Piece } from "@backend/sst-graph/reference";
import { isUnknown, type PolicyGraph } from "./view";

/** A resource as `@pulumi/policy` shows it. Reading a property that is not known yet throws. */
export interface PulumiResource {
  type: string;
  urn: string;
  name: string;
  props: object;
  parent?: { urn: string };
  dependencies: { urn: string }[];
  /** By property, the resources that its value depends on. */
  propertyDependencies?: Record<string, { urn: string }[]>;
}

/** Records that an unknown value was read. */
export interface Doubt {
  /** Why the value is unknown. Undefined until one is read. */
  reason?: string | undefined;
}

/**
 * Converts properties to values of a graph. An unknown value becomes `{"unknown": "<why>"}`, an
 * asset `{"asset": "file"}`.
 *
 * @param doubt is updated when a caller later reads an unknown value
 */
export function readProps(props: object, doubt: Doubt): Resource["inputs"] {
  const entries = Object.keys(props)
    .filter((key) => !key.startsWith("__")) // internal properties of the engine, such as __defaults
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

/**
 * Returns an unknown value that sets `doubt.reason` when its keys are read, which every reader does
 * first.
 */
function unknownValue(why: string, doubt: Doubt): Value {
  return new Proxy<{ unknown: string }>(
    { unknown: why },
    {
      ownKeys: (value) => {
        doubt.reason = why;
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
 * Converts a stack to a graph. Rules need references, but the engine shows plain text and, for each
 * property, the resources that it depends on. If a text is the ARN, ID or name of one of these, or
 * contains it as a whole word, it becomes a reference. The form of an ID does not matter: AWS also
 * generates words such as `iobabrg`.
 *
 * @param stack resources with their outputs, as far as they are known
 * @param inputs declared inputs by URN. For a missing resource, its outputs are used.
 */
export function graphOfStack(
  stack: PulumiResource[],
  inputs: Map<string, Resource["inputs"]>,
  doubt: Doubt,
): PolicyGraph {
  const own = stack.filter(({ type }) => !type.startsWith("pulumi:providers:"));
  const texts = own.flatMap(({ urn, type, props }) => identifiersOf(urn, type, readProps(props, doubt)));
  // Longest first, because the ARN of one log group can be a prefix of another's.
  texts.sort((one, other) => other.text.length - one.text.length);
  const [, stage = "", app = ""] = /^urn:pulumi:([^:]*)::([^:]*)::/.exec(own[0]?.urn ?? "") ?? [];
  const tags = tagsOf(stack, doubt);
  return {
    ...{ app, stage, region: mostFrequent(texts, REGION) ?? "", account: mostFrequent(texts, ACCOUNT) },
    ...(tags !== undefined && { tags }),
    resources: own.map(({ type, urn, name, props, parent, dependencies, propertyDependencies }) => {
      const declared = Object.entries(inputs.get(urn) ?? readProps(props, doubt)).map(([key, value]) => {
        const sources = new Set((propertyDependencies?.[key] ?? dependencies).map((one) => one.urn));
        const candidates = texts.filter((text) => text.urn !== urn && sources.has(text.urn));
        const whole = new Map(candidates.toReversed().map((text) => [text.text, text.ref]));
        const within = candidates.filter((text) => text.within);
        return [key, insertReferences(value, whole, within)] as const;
      });
      return {
        ...{ urn, type, name, dependsOn: dependencies.map((one) => one.urn) },
        ...(parent !== undefined && { parent: parent.urn }),
        inputs: Object.fromEntries(declared),
      };
    }),
  };
}

/** A text that identifies a resource. */
interface Identifier {
  text: string;
  urn: string;
  /** `<urn>#<output>` */
  ref: string;
  /** True if the text also identifies the resource inside a longer text. */
  within: boolean;
}

const OUTPUTS = ["arn", "executionArn", "endpoint", "apiEndpoint", "bucketRegionalDomainName", "domainName"];
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const BUNDLE = "aws:s3/bucketObjectv2:BucketObjectv2";

function identifiersOf(urn: string, type: string, props: Resource["inputs"]): Identifier[] {
  const identifier = (output: string, within: boolean): Identifier[] => {
    const text = props[output];
    return typeof text === "string" && text !== "" ? [{ text, urn, ref: `${urn}#${output}`, within }] : [];
  };
  return [
    ...OUTPUTS.flatMap((output) => identifier(output, true)),
    ...identifier("name", type === LOG_GROUP), // the path of a log group is unmistakable
    ...(props.id === props.name ? [] : identifier("id", true)),
    ...(type === BUNDLE ? [...identifier("bucket", false), ...identifier("key", false)] : []),
  ];
}

function insertReferences(value: Value, whole: Map<string, string>, within: Identifier[]): Value {
  if (typeof value === "string") {
    const ref = whole.get(value);
    return joinPieces(ref === undefined ? splitAtReferences(value, within) : [{ ref }]);
  }
  if (Array.isArray(value)) return value.map((item) => insertReferences(item, whole, within));
  if (typeof value !== "object" || value === null || isUnknown(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, insertReferences(item, whole, within)]));
}

function splitAtReferences(text: string, within: Identifier[]): Piece[] {
  for (const identifier of within) {
    const at = indexOfWord(text, identifier.text);
    if (at === -1) continue;
    const before = splitAtReferences(text.slice(0, at), within);
    const after = splitAtReferences(text.slice(at + identifier.text.length), within);
    return [...before, { ref: identifier.ref }, ...after];
  }
  return text === "" ? [] : [{ text }];
}

/** Returns the index of the first `word` that is not part of a longer word, or -1. */
function indexOfWord(text: string, word: string): number {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!/^[\w-]/.test(text.slice(at + word.length)) && !/\w$/.test(text.slice(0, at))) return at;
  }
  return -1;
}

/** Returns the default tags of the stack's AWS provider, if the engine shows them. */
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

/**
 * Returns the most frequent match in the ARNs. Some ARNs differ: an edge's certificate and firewall
 * are in another region.
 */
function mostFrequent(texts: Identifier[], pattern: RegExp): string | undefined {
  const counts = new Map<string, number>();
  for (const { text } of texts) {
    const [, found] = pattern.exec(text) ?? [];
    if (found !== undefined) counts.set(found, (counts.get(found) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
