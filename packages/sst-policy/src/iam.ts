import type { Resource } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { documentsOf, grantsOf, type Statement, statementsOf } from "./statements";
import {
  flag,
  flagUnknown,
  inputListOf,
  inputOf,
  isUnknownText,
  outputText,
  targetOf,
  UNKNOWN_TEXT,
  type View,
} from "./view";

const ROLE = "aws:iam/role:Role";
const FUNCTION = "aws:lambda/function:Function";
const BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/**
 * Actions that cannot be limited to a resource:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
const UNSCOPED = [
  "cloudwatch:PutMetricData",
  "logs:DescribeLogGroups",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

/**
 * Actions that allow privilege escalation:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
 */
const ESCALATING = [
  /^(iam:|sts:AssumeRole|organizations:|cloudformation:)/i,
  /^lambda:(Update|Create|Add)/i,
  /^kms:(PutKeyPolicy|ScheduleKeyDeletion|CreateGrant)/i,
];

const allowingStatements = (view: View, ...kinds: Statement["kind"][]) =>
  statementsOf(view, ...kinds).filter(({ effect }) => effect !== "Deny");

export const IAM_RULES: Rule[] = [
  {
    id: "policy-readable",
    severity: "high",
    title: "Every policy document can be read before the deployment",
    reason: "The rules can check a policy only if its effect, actions and principals are plain text.",
    fix: "Write effect, actions and principals as plain text.",
    check: (view) =>
      documentsOf(view).flatMap(({ resource, path, version, statements }) => {
        if (statements === undefined)
          return [flagUnknown(resource, path, "the document is known only after the deployment")];
        if (version !== "2012-10-17")
          return [flag(resource, `${path}.Version`, "expected 2012-10-17: older versions do not expand variables")];
        return statements.flatMap((one) => {
          const texts = [one.effect, ...one.actions, ...one.notActions, ...one.principals.map(({ id }) => id)];
          const scope = [...one.resources, ...one.notResources].filter((text) => text.includes(UNKNOWN_TEXT));
          if (!["Allow", "Deny"].includes(one.effect) && !isUnknownText(one.effect))
            return [flag(resource, one.path, `the effect "${one.effect}" is neither Allow nor Deny`)];
          const unclear = [...texts.filter((text) => isUnknownText(text) || /\$\{urn:/.test(text)), ...scope];
          return unclear.length > 0
            ? [flagUnknown(resource, one.path, "the statement is known only after the deployment")]
            : [];
        });
      }),
  },
  {
    id: "no-wildcard-action",
    severity: "critical",
    title: "A role lists every action that it allows",
    reason: "`dynamodb:*`, which SST's link grants, includes DeleteTable and every action that AWS adds later.",
    fix: "List the actions in the function's permissions.",
    mapping: ["IAM.21", "AwsSolutions-IAM5", "CKV_AWS_63"],
    check: (view) =>
      allowingStatements(view, "identity").flatMap(({ resource, path, actions, notActions }) => [
        ...actions
          .filter((action) => !/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action) && !isUnknownText(action))
          .map((action) => flag(resource, `${path}.Action`, `"${action}" is not a single action`)),
        ...(notActions.length > 0 ? [flag(resource, `${path}.NotAction`, "allows every action except some")] : []),
        ...(actions.length === 0 && notActions.length === 0 ? [flag(resource, path, "names no action")] : []),
      ]),
  },
  {
    id: "no-wildcard-resource",
    severity: "high",
    title: "A role allows actions only on named resources",
    reason: "With `*`, an action reaches the tables, queues and logs of every other application in the account.",
    fix: "List the resources' ARNs in the function's permissions.",
    mapping: ["AwsSolutions-IAM5", "CKV_AWS_356"],
    check: (view) =>
      allowingStatements(view, "identity").flatMap(({ resource, path, actions, resources, notResources }) => [
        ...resources
          .filter((text) => !isUnknownText(text) && !(text === "*" && actions.every((one) => UNSCOPED.includes(one))))
          .filter((text) => !isNarrow(view, text))
          .map((text) => flag(resource, `${path}.Resource`, `"${text}" is not a single resource`)),
        ...(notResources.length > 0
          ? [flag(resource, `${path}.NotResource`, "allows every resource except some")]
          : []),
        ...(resources.length === 0 && notResources.length === 0 ? [flag(resource, path, "names no resource")] : []),
      ]),
  },
  {
    id: "append-only",
    severity: "critical",
    title: "Nobody may change or delete items of an append-only table, and only one function may put items",
    reason:
      "Records that a function can rewrite prove nothing. PutItem overwrites an item unless the function " +
      "makes it conditional.",
    fix: "Grant PutItem to one function. Grant the others only GetItem, BatchGetItem or Query.",
    check: appendOnly,
  },
  {
    id: "no-privilege-escalation",
    severity: "critical",
    title: "No role of a service may change roles, policies, keys or functions",
    reason:
      "With iam:PassRole or lambda:UpdateFunctionCode, an attacker who controls one function can take over " +
      "the account.",
    fix: "Grant these actions only to the role that deploys.",
    check: (view) =>
      view
        .all(ROLE)
        .filter((role) =>
          trustOf(view, role).some(({ principals }) => principals.some(({ type }) => type === "Service")),
        )
        .flatMap((role) => grantsOf(view, role))
        .filter(({ effect }) => effect !== "Deny")
        .flatMap(({ resource, path, actions }) =>
          actions
            .filter((one) => ESCALATING.some((pattern) => pattern.test(one)))
            .map((one) => flag(resource, `${path}.Action`, `"${one}" allows privilege escalation`)),
        ),
  },
  {
    id: "managed-policies",
    severity: "high",
    title: "A function's role has only the managed policy AWSLambdaBasicExecutionRole; other roles have none",
    reason: "AWS writes managed policies for all customers, on `*`, and changes them.",
    fix: "List the actions in the function's permissions.",
    mapping: ["AwsSolutions-IAM4"],
    check: (view) => [
      ...view.all(ROLE).flatMap((role) => {
        const expected = roleOfFunction(view, role) === undefined ? [] : [BASIC];
        const actual = inputListOf(role, "managedPolicyArns");
        const isSame = JSON.stringify(actual) === JSON.stringify(expected);
        const message = `expected ${expected.length === 0 ? "no managed policy" : "only AWSLambdaBasicExecutionRole"}`;
        return isSame ? [] : [flag(role, "managedPolicyArns", message)];
      }),
      ...view
        .all("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/policyAttachment:PolicyAttachment")
        .filter((one) => targetOf(view, inputOf(one, "policyArn")) === undefined && inputOf(one, "policyArn") !== BASIC)
        .map((one) => flag(one, "policyArn", "expected a policy of this deployment")),
    ],
  },
  {
    id: "own-log-group-only",
    severity: "high",
    title: "A function may write only to its own log group, and may not create log groups",
    reason:
      "AWSLambdaBasicExecutionRole allows log writes everywhere. A function could forge access log entries, " +
      "and a late write recreates a removed log group.",
    fix: "In the function's role, deny logs:CreateLogGroup everywhere and log writes outside the function's own group.",
    check: (view) => view.all(FUNCTION).flatMap((lambda) => denyFindings(view, lambda)),
  },
  {
    id: "no-long-lived-credentials",
    severity: "critical",
    title: "The deployment creates no IAM users and no access keys",
    reason: "Keys that do not expire leak. Roles give the same access with temporary credentials.",
    fix: "Use a role.",
    check: (view) =>
      view
        .all("aws:iam/user:User", "aws:iam/accessKey:AccessKey", "aws:iam/userPolicy:UserPolicy")
        .map((one) => flag(one, "@type", "expected no IAM user and no access key")),
  },
];

function trustOf(view: View, role: Resource): Statement[] {
  return statementsOf(view, "trust").filter(({ resource }) => resource === role);
}

export function roleOfFunction(view: View, role: Resource): Resource | undefined {
  return view.all(FUNCTION).find((lambda) => targetOf(view, inputOf(lambda, "role"))?.resource === role);
}

/**
 * True for an output of a resource of the deployment, and for an ARN without wildcards in its name.
 */
function isNarrow(view: View, text: string): boolean {
  const [, urn, rest = ""] = /^\$\{([^}]+)#arn\}(.*)$/.exec(text) ?? [];
  if (urn !== undefined) return view.get(urn) !== undefined && /^(?:[:/][^*]+)?(?:[:/]\*)?$/.test(rest);
  return /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[^*]{3,}(?:[:/]\*)?$/.test(text) && !text.includes("${");
}

/** Returns the tables of the deployment that the project lists as append-only. */
export function appendOnlyTables(view: View): Resource[] {
  return (view.promises.appendOnlyTables ?? []).flatMap((name) => tableOf(view, name) ?? []);
}

/** SST names the table of `sst.aws.Dynamo("Orders")` `OrdersTable`. */
function tableOf(view: View, name: string): Resource | undefined {
  return view.all("aws:dynamodb/table:Table").find((table) => table.name === `${name}Table`);
}

function appendOnly(view: View): Finding[] {
  const missing = (view.promises.appendOnlyTables ?? []).filter((name) => tableOf(view, name) === undefined);
  const fix = "Declare the table, or remove it from the project's appendOnlyTables.";
  return [
    ...missing.map((name) => ({ ...flag("stage", "resources", `there is no table ${name}`), fix })),
    ...appendOnlyTables(view).flatMap((table) => changesOf(view, table)),
  ];
}

function changesOf(view: View, table: Resource): Finding[] {
  const isTable = (text: string) => isUnknownText(text) || coversTable(view, text, table);
  const grants = allowingStatements(view, "identity", "resource").filter(
    ({ resources, notResources }) => resources.some(isTable) || notResources.length > 0,
  );
  const writing = grants.filter(({ actions }) => actions.some((action) => /^dynamodb:PutItem$/i.test(action)));
  const writers = new Set(writing.map(({ resource }) => resource));
  return [
    ...grants.flatMap(({ resource, path, actions }) =>
      actions
        .filter((action) =>
          /\*|^dynamodb:(?!(PutItem|GetItem|Query|DescribeTable|BatchGetItem|ConditionCheckItem)$)/i.test(action),
        )
        .map((action) => flag(resource, `${path}.Action`, `"${action}" may change or delete items of ${table.name}`)),
    ),
    ...(writers.size > 1
      ? writing.map(({ resource, path }) =>
          flag(resource, `${path}.Action`, `${writers.size} roles may put items into ${table.name}; expected one`),
        )
      : []),
  ];
}

/**
 * True for a reference to the table or a part of it, and for an ARN that matches it, even with
 * wildcards.
 */
function coversTable(view: View, text: string, table: Resource): boolean {
  const reference = outputText(table, "arn");
  if (text === reference || text.startsWith(`${reference}/`) || text.startsWith(`${reference}*`)) return true;
  if (text.includes("${")) return false; // a reference to another resource
  const [whole] = text.split(/\/(?:index|stream|backup|export|import)\//);
  const wildcard = (whole ?? "")
    .replaceAll(/[.+^$()|[\]\\{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const account = view.account ?? "000000000000";
  const arn = `arn:aws:dynamodb:${view.graph.region}:${account}:table/${String(table.inputs.name)}`;
  return new RegExp(`^${wildcard}$`).test(arn) || new RegExp(`^${wildcard}$`).test(`${arn}/index/x`);
}

function denyFindings(view: View, lambda: Resource): Finding[] {
  const role = targetOf(view, inputOf(lambda, "role"))?.resource;
  if (role === undefined) return []; // lambda-own-role reports this
  const { region } = view.graph;
  const group = new RegExp(
    `^arn:aws[a-z-]*:logs:${region}:\\d{12}:log-group:/aws/lambda/${String(inputOf(lambda, "name"))}(:\\*)?$`,
  );
  const denies = grantsOf(view, role).filter(({ effect, conditions }) => effect === "Deny" && conditions.length === 0);
  const deniesCreation = denies.some(
    ({ actions, resources }) => actions.includes("logs:CreateLogGroup") && resources.includes("*"),
  );
  const notDenied = ["logs:CreateLogStream", "logs:PutLogEvents"].filter(
    (action) =>
      !denies.some(
        ({ actions, notResources }) =>
          actions.includes(action) && notResources.length === 2 && notResources.every((text) => group.test(text)),
      ),
  );
  return [
    ...(deniesCreation ? [] : [flag(role, "inlinePolicies", "expected logs:CreateLogGroup to be denied everywhere")]),
    ...notDenied.map((action) =>
      flag(role, "inlinePolicies", `expected ${action} to be denied outside the function's own log group`),
    ),
  ];
}
