import type { Resource, Value } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { expectTarget, expectThat, flag, type View } from "./view";

const STAGE = "aws:apigatewayv2/stage:Stage";
const API = "aws:apigatewayv2/api:Api";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

const checkStages = (check: (view: View, stage: Resource) => Finding[]) => (view: View) =>
  view.all(STAGE).flatMap((stage) => check(view, stage));

/**
 * Variables that are numbers and present in every entry:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const NUMBERS = ["requestTimeEpoch", "responseLatency", "responseLength", "status"];
/** Variables that show who called what, when, from where, and with which result. */
const REQUIRED = [
  ...["requestId", "requestTimeEpoch", "requestTime", "stage", "routeKey", "httpMethod", "path", "protocol", "status"],
  ...["responseLength", "responseLatency", "integrationLatency", "integration.status", "integration.requestId"],
  ...["integrationErrorMessage", "error.message", "error.responseType", "authorizer.error", "authorizer.claims.sub"],
  ...["authorizer.claims.client_id", "identity.sourceIp", "identity.userAgent", "domainName", "apiId", "accountId"],
];

export const API_STAGE_RULES: Rule[] = [
  {
    id: "api-has-stage",
    severity: "high",
    title: "An API is an HTTP API with a stage in the same deployment",
    reason:
      "The access log and the throttling belong to the stage. The rules cannot check a stage that is " +
      "declared elsewhere.",
    fix: "Declare the API with sst.aws.ApiGatewayV2, which creates the stage.",
    check: (view) =>
      view
        .all(API)
        .flatMap((api) => [
          ...expectThat(view, api, "protocolType", (value) => value === "HTTP", "expected protocolType HTTP"),
          ...(view.all(STAGE).some((stage) => stageOf(stage, api)) ? [] : [flag(api, "@", "the API has no stage")]),
        ]),
  },
  {
    id: "stage-access-log",
    severity: "high",
    title: "A stage writes an access log to a log group of this deployment",
    reason:
      "Only the access log shows requests that API Gateway itself rejects. Without it, nobody can tell who " +
      "called what.",
    fix: "Set accessLogSettings.destinationArn to the log group's ARN, and set accessLogSettings.format.",
    mapping: ["APIGateway.9", "AwsSolutions-APIG1", "CKV_AWS_95"],
    check: checkStages((view, stage) => [
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
    title: "The access log is JSON: numbers that are always present are unquoted, all other values are quoted once",
    reason:
      "A metric filter cannot compare a quoted number. A missing unquoted value prints `-`, and the entry " +
      "is then not valid JSON.",
    fix: "Set accessLogSettings.format to JSON with one variable per value. SST's default format quotes values twice.",
    check: checkStages((view, stage) =>
      withFormat(view, stage, (format) => {
        const line = lineOf(format);
        if (line === undefined) return ["expected the format to be a JSON object"];
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
    title: "The access log shows who called what, when, from where, and with which result",
    reason: "Nobody can investigate a request without its caller, route, rejection reason and Lambda request ID.",
    fix: "Add the variables to the stage's accessLogSettings.format.",
    check: checkStages((view, stage) =>
      withFormat(view, stage, (format) => {
        const present = new Set(format.match(/\$context\.[A-Za-z_.]+/g));
        return REQUIRED.filter((name) => !present.has(`$context.${name}`)).map(
          (name) => `$context.${name} is not logged`,
        );
      }),
    ),
  },
  {
    id: "access-log-no-more",
    severity: "medium",
    title: "The access log contains no token claims except the IDs of the user and the client",
    reason:
      "More people can read the log than the user pool, and the log is kept longer. An ID is enough to " +
      "identify a user.",
    fix: "Remove the field from the access log's format.",
    check: checkStages((view, stage) =>
      withFormat(view, stage, (format) => {
        const allowed = ["authorizer.error", "authorizer.claims.sub", "authorizer.claims.client_id"];
        const logged = [...format.matchAll(/\$context\.(authorizer(?:\.[A-Za-z0-9_:-]+)+)/g)].map(
          ([, name = ""]) => name,
        );
        return logged.filter((name) => !allowed.includes(name)).map((name) => `logs $context.${name}`);
      }),
    ),
  },
  {
    id: "stage-named",
    severity: "low",
    title: "An API stage is named after the deployment's stage",
    reason: "With `$default`, neither the access log nor an execute-api ARN shows which stage was called.",
    fix: "Set the stage's name to $app.stage with transform.stage.",
    check: checkStages((view, stage) =>
      expectThat(view, stage, "name", (name) => name === view.graph.stage, `expected the name "${view.graph.stage}"`),
    ),
  },
  {
    id: "stage-throttle",
    severity: "high",
    title: "A stage limits rate and burst, both above 0 and below the account's quota",
    reason:
      "If only one limit is set, the other is 0 and every request gets 429. Without limits, one caller can " +
      "use up the account's quota.",
    fix: "Set both defaultRouteSettings.throttlingRateLimit and throttlingBurstLimit.",
    check: checkStages((view, stage) => {
      // Quotas per account and region: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
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
    reason: 'The stage is created before its routes, so the first deployment fails with "Unable to find Route by key".',
    fix: "Remove routeSettings. Set limits in defaultRouteSettings.",
    check: checkStages((view, stage) =>
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
    title: "A stage deploys changes of the API automatically",
    reason: "Without autoDeploy, a new authorizer or scope is declared but not enforced.",
    fix: "Set autoDeploy to true.",
    check: checkStages((view, stage) => [
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
  if (seen.is !== "known") return []; // stage-access-log reports this
  const format = typeof seen.value === "string" ? seen.value : JSON.stringify(seen.value); // graphs store JSON parsed
  return check(format).map((message) => flag(stage, "accessLogSettings.format", message));
}

/** Parses a format. Values become text; an unquoted variable becomes `bare:<variable>`. */
function lineOf(format: string): Record<string, string> | undefined {
  try {
    const line = JSON.parse(format.replaceAll(/([:,[]\s*)\$context\.([\w.-]+)/g, '$1"bare:$2"')) as Value;
    if (typeof line !== "object" || line === null || Array.isArray(line)) return undefined;
    return Object.fromEntries(Object.entries(line).map(([field, value]) => [field, String(value)]));
  } catch {
    return undefined;
  }
}
