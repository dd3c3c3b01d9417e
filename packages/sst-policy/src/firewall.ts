import type { Resource, Value } from "@backend/sst-graph/graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { entriesOf, found, itemsOf, raw, rawList, targetOf, type View } from "./view";

const ACL = "aws:wafv2/webAcl:WebAcl";
const ACL_LOG = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
/** https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html */
const MANAGED_RULES = [
  "AWSManagedRulesCommonRuleSet",
  "AWSManagedRulesKnownBadInputsRuleSet",
  "AWSManagedRulesSQLiRuleSet",
];
/** Of one address in five minutes. */
const MAX_REQUESTS = 10_000;
/** Seconds over which requests are counted; five minutes unless it is stated. */
const WINDOWS = [undefined, 60, 120, 300, 600];
const REDACTED = [
  '{"queryString":{}}',
  '{"singleHeader":{"name":"cookie"}}',
  '{"singleHeader":{"name":"authorization"}}',
];

const ofAcls = (check: (view: View, acl: Resource) => Finding[]) => (view: View) =>
  view.all(ACL).flatMap((acl) => check(view, acl));

export const FIREWALL_RULES: Rule[] = [
  {
    id: "firewall-managed-rules",
    severity: "medium",
    title: "A firewall has AWS's managed rules, in force for every request, and a limit for each address",
    reason: "An empty firewall lets everything through; so does a rule that only counts, or looks at some requests.",
    fix: "Set waf.managedRules and waf.rateLimitPerIp of sst.aws.Router.",
    mapping: ["WAF.10"],
    check: ofAcls((_view, acl) => {
      const rules = rulesOf(acl);
      return [
        ...MANAGED_RULES.filter((name) => !rules.some((rule) => isManaged(rule, name) && isInForce(rule))).map((name) =>
          found(acl, "rules", `expected AWS's ${name}, in force for every request`),
        ),
        ...(rules.some(limitsAddresses)
          ? []
          : [
              found(acl, "rules", `expected a rate rule that blocks an address after at most ${MAX_REQUESTS} requests`),
            ]),
      ];
    }),
  },
  {
    id: "firewall-not-bypassed",
    severity: "high",
    title: "No rule of a firewall allows requests past the others, looks at some of them only, or is made weaker",
    reason:
      "A rule that allows ends the evaluation; a scope-down statement or an override takes requests out that the list of rules seems to cover.",
    fix: "Take the rule or override out; only a managed rule on bodies, or on User-Agent, may count.",
    check: ofAcls((_view, acl) => rulesOf(acl).flatMap((rule, at) => weakenings(acl, rule, `rules.${at}`))),
  },
  {
    id: "firewall-logging",
    severity: "medium",
    title: "A firewall logs every request, without tokens",
    reason: "A refused request is in no other log; a filter drops what an investigation asks for.",
    fix: "Set waf.logging of sst.aws.Router.",
    mapping: ["WAF.11", "CKV2_AWS_31"],
    check: ofAcls((view, acl) => {
      const logs = view.all(ACL_LOG).filter((log) => pointsTo(view, log, "resourceArn", acl));
      if (!logs.some((log) => isComplete(view, log)))
        return [
          found(acl, "@", "expected a log group of this deployment, without query string, cookie and authorization"),
        ];
      return logs
        .filter((log) => raw(log, "loggingFilter") !== undefined)
        .map((log) => found(log, "loggingFilter", "expected no filter: every request is logged"));
    }),
  },
];

const rulesOf = (acl: Resource): Value[] => rawList(acl, "rules");

const at = (value: Value | undefined, ...keys: string[]): Value | undefined =>
  keys.reduce<Value | undefined>((part, key) => entriesOf(part).find(([name]) => name === key)?.[1], value);

const managedGroup = (rule: Value): Value | undefined => at(rule, "statement", "managedRuleGroupStatement");
const rateLimit = (rule: Value): Value | undefined => at(rule, "statement", "rateBasedStatement");

function isManaged(rule: Value, name: string): boolean {
  const group = managedGroup(rule);
  return at(group, "name") === name && at(group, "vendorName") === "AWS";
}

function isInForce(rule: Value): boolean {
  return at(rule, "overrideAction", "none") !== undefined && at(managedGroup(rule), "scopeDownStatement") === undefined;
}

function limitsAddresses(rule: Value): boolean {
  const rate = rateLimit(rule);
  const limit = at(rate, "limit");
  return (
    at(rate, "aggregateKeyType") === "IP" &&
    at(rate, "scopeDownStatement") === undefined &&
    ["block", "challenge", "captcha"].some((action) => at(rule, "action", action) !== undefined) &&
    WINDOWS.includes(at(rate, "evaluationWindowSec") as number | undefined) &&
    typeof limit === "number" &&
    limit > 0 &&
    limit <= MAX_REQUESTS
  );
}

/**
 * Managed rules that refuse honest requests of an API: its bodies quote any text, and a program need not send
 * User-Agent (RFC 9110, 10.1.5).
 */
const MAY_COUNT = /_BODY$|^NoUserAgent_HEADER$/;

function weakenings(acl: Resource, rule: Value, path: string): Finding[] {
  const group = managedGroup(rule);
  const overrides = itemsOf(at(group, "ruleActionOverrides")).map((override) => ({
    rule: String(at(override, "name")),
    actions: entriesOf(at(override, "actionToUse")).map(([action]) => action),
  }));
  const weak = overrides.filter(({ rule, actions }) => {
    const isWeak = actions.some((action) => ["count", "allow"].includes(action));
    return isWeak && (actions.includes("allow") || !MAY_COUNT.test(rule));
  });
  const scoped = [group, rateLimit(rule)].some((statement) => at(statement, "scopeDownStatement") !== undefined);
  return [
    ...(at(rule, "action", "allow") === undefined
      ? []
      : [found(acl, `${path}.action`, "allows requests past the other rules")]),
    ...(at(rule, "overrideAction", "count") === undefined ? [] : [found(acl, `${path}.overrideAction`, "only counts")]),
    ...(scoped ? [found(acl, `${path}.statement`, "looks at some requests only")] : []),
    ...weak.map(({ rule }) => found(acl, `${path}.statement`, `${rule} does not block`)),
    ...itemsOf(at(group, "excludedRules")).map(() => found(acl, `${path}.statement`, "leaves rules of the group out")),
  ];
}

function isComplete(view: View, log: Resource): boolean {
  const destinations = rawList(log, "logDestinationConfigs");
  const redacted = rawList(log, "redactedFields").map((field) => JSON.stringify(field));
  return (
    destinations.length > 0 &&
    destinations.every((to) => targetOf(view, to)?.resource.type === LOG_GROUP) &&
    REDACTED.every((field) => redacted.includes(field))
  );
}
