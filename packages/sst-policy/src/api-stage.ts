import type { Resource, Value } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { expectTarget, expectThat, found, type View } from "./view";

const STAGE = "aws:apigatewayv2/stage:Stage";
const API = "aws:apigatewayv2/api:Api";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

const ofStages = (check: (view: View, stage: Resource) => Finding[]) => (view: View) =>
  view.all(STAGE).flatMap((stage) => check(view, stage));

/** Present in every line, and numbers: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const NUMBERS = ["requestTimeEpoch", "responseLatency", "responseLength", "status"];
/** What it takes to tell who called what, when, from where, and what came of it. */
const NEEDED = [
  ...["requestId", "requestTimeEpoch", "requestTime", "stage", "routeKey", "httpMethod", "path", "protocol", "status"],
  ...["responseLength", "responseLatency", "integrationLatency", "integration.status", "integration.requestId"],
  ...["integrationErrorMessage", "error.message", "error.responseType", "authorizer.error", "authorizer.claims.sub"],
  ...["authorizer.claims.client_id", "identity.sourceIp", "identity.userAgent", "domainName", "apiId", "accountId"],
];

export const API_STAGE_RULES: Rule[] = [
  {
    id: "api-has-stage",
    severity: "high",
    title: "An API is an HTTP API and has a stage of its own in the same deployment",
    reason:
      "Access log and throttle belong to the stage: an API without one is served, if at all, by something nobody judged.",
    fix: "Declare the API by sst.aws.ApiGatewayV2, which makes the stage.",
    check: (view) =>
      view
        .all(API)
        .flatMap((api) => [
          ...expectThat(view, api, "protocolType", (value) => value === "HTTP", "expected protocolType HTTP"),
          ...(view.all(STAGE).some((stage) => stageOf(stage, api)) ? [] : [found(api, "@", "the API has no stage")]),
        ]),
  },
  {
    id: "stage-access-log",
    severity: "high",
    title: "A stage writes an access log to a log group of the same deployment",
    reason: "Without it nobody can tell who called what: the gateway's own refusals are seen nowhere else.",
    fix: "Set accessLogSettings.destinationArn to the log group's ARN, and a format.",
    mapping: ["APIGateway.9", "AwsSolutions-APIG1", "CKV_AWS_95"],
    check: ofStages((view, stage) => [
      ...expectTarget(
        view,
        stage,
        "accessLogSettings.destinationArn",
        [LOG_GROUP],
        "expected the ARN of a log group of this deployment",
        (_group, output) => output === "arn",
      ),
      ...expectThat(view, stage, "accessLogSettings.format", (value) => value !== undefined, "expected a format"),
    ]),
  },
  {
    id: "access-log-format",
    severity: "medium",
    title: "The access log is JSON: always-present numbers unquoted, everything else quoted once",
    reason:
      "A quoted number cannot be compared by a metric filter; a bare value that is missing prints `-`, and the line is no JSON.",
    fix: "Set accessLogSettings.format to JSON of one variable a value; SST's own format quotes twice.",
    check: ofStages((view, stage) =>
      withFormat(view, stage, (format) => {
        const line = lineOf(format);
        if (line === undefined) return ["the format gives no JSON object"];
        return Object.entries(line).flatMap(([field, value]) => {
          const bare = /^bare:(.+)$/.exec(value)?.[1];
          const quoted = /^\$context\.([\w.-]+)$/.exec(value)?.[1];
          if (bare !== undefined) return NUMBERS.includes(bare) ? [] : [`"${field}" may be missing: quote it`];
          if (quoted === undefined) return [`"${field}" is not one variable in one pair of quotes`];
          return NUMBERS.includes(quoted) ? [`"${field}" is a number: do not quote it`] : [];
        });
      }),
    ),
  },
  {
    id: "access-log-fields",
    severity: "medium",
    title: "The access log says who called what, when, from where, and what came of it",
    reason:
      "A line without the caller, the route, the refusal's reason or Lambda's request id leads nowhere in an investigation.",
    fix: "Add the variables to accessLogSettings.format of the stage.",
    check: ofStages((view, stage) =>
      withFormat(view, stage, (format) => {
        const present = new Set(format.match(/\$context\.[A-Za-z_.]+/g));
        return NEEDED.filter((name) => !present.has(`$context.${name}`)).map(
          (name) => `$context.${name} is not logged`,
        );
      }),
    ),
  },
  {
    id: "access-log-no-more",
    severity: "medium",
    title: "The access log holds no more of a caller's token than the ids of person and client",
    reason:
      "The log is read by more people than the user pool, and is kept for longer: an id names a person well enough.",
    fix: "Take the field out of the access log's format.",
    check: ofStages((view, stage) =>
      withFormat(view, stage, (format) => {
        const known = ["authorizer.error", "authorizer.claims.sub", "authorizer.claims.client_id"];
        const logged = [...format.matchAll(/\$context\.(authorizer(?:\.[A-Za-z0-9_:-]+)+)/g)].map(
          ([, name = ""]) => name,
        );
        return logged.filter((name) => !known.includes(name)).map((name) => `logs $context.${name}`);
      }),
    ),
  },
  {
    id: "stage-named",
    severity: "low",
    title: "A stage has the name of the deployment's stage",
    reason: "`$default` tells neither an access log nor an execute-api ARN which stage was called.",
    fix: "Set the stage's name to $app.stage by transform.stage.",
    check: ofStages((view, stage) =>
      expectThat(view, stage, "name", (name) => name === view.graph.stage, `expected the name "${view.graph.stage}"`),
    ),
  },
  {
    id: "stage-throttle",
    severity: "high",
    title: "A stage limits rate and burst, both above 0 and below the account's quota",
    reason:
      "One limit alone makes the other 0, and every call answers 429; none lets one caller use up the account's quota.",
    fix: "Set defaultRouteSettings.throttlingRateLimit and throttlingBurstLimit together.",
    check: ofStages((view, stage) => {
      // Quotas of an account and region: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
      const limit = (path: string, quota: number) =>
        expectThat(
          view,
          stage,
          `defaultRouteSettings.${path}`,
          (value) => typeof value === "number" && value > 0 && value < quota,
          `expected more than 0 and less than ${quota}`,
        );
      return [...limit("throttlingRateLimit", 10_000), ...limit("throttlingBurstLimit", 5_000)];
    }),
  },
  {
    id: "stage-no-route-settings",
    severity: "medium",
    title: "A stage has no settings for single routes",
    reason: 'The stage is made before its routes: a first deployment fails with "Unable to find Route by key".',
    fix: "Leave routeSettings out; limits stand in defaultRouteSettings.",
    check: ofStages((view, stage) =>
      expectThat(
        view,
        stage,
        "routeSettings",
        (value) => value === undefined || (Array.isArray(value) && value.length === 0),
        "expected no routeSettings",
      ),
    ),
  },
  {
    id: "stage-auto-deploy",
    severity: "medium",
    title: "A stage serves the API as it was deployed last",
    reason: "Without autoDeploy a new authorizer or scope is declared and does not guard anything.",
    fix: "Set autoDeploy to true.",
    check: ofStages((view, stage) => [
      ...expectThat(view, stage, "autoDeploy", (value) => value === true, "expected autoDeploy"),
      ...expectTarget(view, stage, "apiId", [API], "expected the id of an API of this deployment"),
    ]),
  },
];

function stageOf(stage: Resource, api: Resource): boolean {
  return JSON.stringify(stage.inputs.apiId) === JSON.stringify({ ref: `${api.urn}#id` });
}

function withFormat(view: View, stage: Resource, check: (format: string) => string[]): Finding[] {
  const seen = view.read(stage, "accessLogSettings.format");
  if (seen.is !== "known") return []; // stage-access-log tells
  const format = typeof seen.value === "string" ? seen.value : JSON.stringify(seen.value); // the graph spells JSON texts out
  return check(format).map((message) => found(stage, "accessLogSettings.format", message));
}

/** A line of the log: each value a text, one that stands bare in the format as `bare:<variable>`. */
function lineOf(format: string): Record<string, string> | undefined {
  try {
    const line = JSON.parse(format.replaceAll(/([:,[]\s*)\$context\.([\w.-]+)/g, '$1"bare:$2"')) as Value;
    if (typeof line !== "object" || line === null || Array.isArray(line)) return undefined;
    return Object.fromEntries(Object.entries(line).map(([field, value]) => [field, String(value)]));
  } catch {
    return undefined;
  }
}
