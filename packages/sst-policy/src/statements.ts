import type { Resource, Value } from "@backend/sst-graph/graph";
import { isJsonText, isObject } from "@backend/sst-graph/reference";
import { inputListOf, inputOf, isUnknownText, textOf, type View } from "./view";

/**
 * A statement of a policy document. In its texts, references are `${<urn>#<output>}` and unknown
 * values `${unknown}`.
 */
export interface Statement {
  resource: Resource;
  /**
   * The kind of document: who may assume the role, what an identity may do, or who may use the
   * resource.
   */
  kind: "trust" | "identity" | "resource";
  /** Path of the statement in the inputs. */
  path: string;
  effect: string;
  actions: string[];
  notActions: string[];
  resources: string[];
  notResources: string[];
  /** The type is `Service`, `AWS`, `Federated` or `*`. */
  principals: { type: string; id: string }[];
  notPrincipal: boolean;
  /** Such as operator `StringEquals` and key `aws:SourceAccount`. */
  conditions: { operator: string; key: string; values: string[] }[];
}

/** A policy document of a resource. */
export interface Document {
  resource: Resource;
  path: string;
  kind: Statement["kind"];
  version: string;
  /** Undefined if the document cannot be read before the deployment. */
  statements: Statement[] | undefined;
}

const DOCUMENT_PATHS: [type: string, path: string, kind: Statement["kind"]][] = [
  ["aws:iam/role:Role", "assumeRolePolicy", "trust"],
  ["aws:iam/role:Role", "inlinePolicies.*.policy", "identity"],
  ["aws:iam/rolePolicy:RolePolicy", "policy", "identity"],
  ["aws:iam/policy:Policy", "policy", "identity"],
  ["aws:iam/userPolicy:UserPolicy", "policy", "identity"],
  ["aws:iam/groupPolicy:GroupPolicy", "policy", "identity"],
  ["aws:s3/bucketPolicy:BucketPolicy", "policy", "resource"],
  ["aws:sqs/queue:Queue", "policy", "resource"],
  ["aws:sqs/queuePolicy:QueuePolicy", "policy", "resource"],
  ["aws:sns/topic:Topic", "policy", "resource"],
  ["aws:sns/topicPolicy:TopicPolicy", "policy", "resource"],
  ["aws:kms/key:Key", "policy", "resource"],
  ["aws:kms/keyPolicy:KeyPolicy", "policy", "resource"],
  ["aws:dynamodb/resourcePolicy:ResourcePolicy", "policy", "resource"],
  ["aws:secretsmanager/secretPolicy:SecretPolicy", "policy", "resource"],
  ["aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "policyDocument", "resource"],
];

const documents = new WeakMap<View, Document[]>();
const readDocuments = new WeakMap<Resource, Map<string, Statement[] | undefined>>();

/** Returns every policy document in the graph. */
export function documentsOf(view: View): Document[] {
  const list = documents.get(view) ?? readAllDocuments(view);
  documents.set(view, list);
  return list;
}

function readAllDocuments(view: View): Document[] {
  return DOCUMENT_PATHS.flatMap(([type, pattern, kind]) =>
    view.all(type).flatMap((resource) =>
      expand(resource, pattern)
        .filter((path) => inputOf(resource, path) !== undefined)
        .map((path) => ({
          resource,
          path,
          kind,
          version: versionAt(resource, path),
          statements: statementsAt(resource, path, kind),
        })),
    ),
  );
}

export function statementsOf(view: View, ...kinds: Statement["kind"][]): Statement[] {
  return documentsOf(view).flatMap(({ kind, statements = [] }) => (kinds.includes(kind) ? statements : []));
}

/**
 * Returns the statements of a role's permissions: its own policies, and policies attached to it by
 * name.
 */
export function grantsOf(view: View, role: Resource): Statement[] {
  return statementsOf(view, "identity").filter(
    ({ resource }) =>
      resource === role ||
      [`\${${role.urn}#name}`, `\${${role.urn}#id}`].includes(textOf(inputOf(resource, "role")) ?? "-"),
  );
}

function expand(resource: Resource, pattern: string): string[] {
  const [list, rest] = pattern.split(".*.");
  if (list === undefined || rest === undefined) return [pattern];
  return inputListOf(resource, list).map((_item, index) => `${list}.${index}.${rest}`);
}

/**
 * Caches by resource: resources never change, and the mutant tests put one resource into many
 * graphs.
 */
function statementsAt(resource: Resource, path: string, kind: Statement["kind"]): Statement[] | undefined {
  const byPath = readDocuments.get(resource) ?? new Map<string, Statement[] | undefined>();
  if (!byPath.has(path)) byPath.set(path, readStatements(resource, path, kind));
  readDocuments.set(resource, byPath);
  return byPath.get(path);
}

function readStatements(resource: Resource, path: string, kind: Statement["kind"]): Statement[] | undefined {
  const document = parseDocument(inputOf(resource, path));
  if (document === undefined || document === null || !isObject(document)) return undefined;
  const statements = document.Statement === undefined ? [] : listOf(document.Statement);
  return statements.map((item, index) => readStatement(resource, kind, `${path}.Statement.${index}`, item));
}

function parseDocument(value: Value | undefined): Value | undefined {
  if (value !== undefined && value !== null && isObject(value) && isJsonText(value)) return value.json;
  if (typeof value !== "string" || isUnknownText(value)) return undefined;
  try {
    return JSON.parse(value) as Value;
  } catch {
    return undefined;
  }
}

function versionAt(resource: Resource, path: string): string {
  const document = parseDocument(inputOf(resource, path));
  return document !== undefined && document !== null && isObject(document) ? text(document.Version) : "";
}

function readStatement(resource: Resource, kind: Statement["kind"], path: string, item: Value): Statement {
  const fields = item !== null && isObject(item) ? item : {};
  const { Principal = null, Condition = null } = fields;
  return {
    resource,
    kind,
    path,
    effect: text(fields.Effect),
    actions: texts(fields.Action),
    notActions: texts(fields.NotAction),
    resources: texts(fields.Resource),
    notResources: texts(fields.NotResource),
    principals:
      Principal !== null && isObject(Principal) && textOf(Principal) === undefined
        ? Object.entries(Principal).flatMap(([type, ids]) => texts(ids).map((id) => ({ type, id })))
        : texts(Principal ?? undefined).map((id) => ({ type: id, id })),
    notPrincipal: fields.NotPrincipal !== undefined,
    conditions: entriesOf(Condition).flatMap(([operator, keys]) =>
      entriesOf(keys).map(([key, values]) => ({ operator, key, values: texts(values) })),
    ),
  };
}

const entriesOf = (value: Value): [string, Value][] => (value !== null && isObject(value) ? Object.entries(value) : []);
const listOf = (value: Value): Value[] => (Array.isArray(value) ? value : [value]);
const text = (value: Value | undefined): string => textOf(value) ?? String(value);
const texts = (value: Value | undefined): string[] =>
  value === undefined || value === null ? [] : listOf(value).map(text);
