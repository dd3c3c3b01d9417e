import { createCipheriv, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { APP } from "@backend/testing/recorded";
import { onTestFinished } from "vitest";

export interface FakeLogGroup {
  name: string;
  tags?: Record<string, string>;
  createdAt?: number;
  events?: { timestamp: number; message: string; eventId?: string }[];
}

/** What the account holds. Tests change it while it is served. */
export interface FakeAccount {
  logGroups: FakeLogGroup[];
  functions: string[];
  apis: {
    id: string;
    name: string;
    stages: { stageName: string; defaultRouteSettings?: object }[];
    tags?: Record<string, string>;
  }[];
  distributions: { id: string; comment: string; tags: Record<string, string> }[];
  resources: { arn: string; tags: Record<string, string> }[];
  policies: { policyName: string; policyDocument: string }[];
  userPools: { Id: string; Name: string }[];
  domain?: { Domain: string; UserPoolId: string; AWSAccountId: string };
  throttle: { rateLimit: number; burstLimit: number };
  concurrency: number;
  /** Reserved concurrency by function. */
  reserved: Record<string, number>;
  tables: string[];
  /** By quota code. */
  quotas: Record<string, number>;
  /** What SST has stored; undefined before its first command. */
  secrets: Record<string, string> | undefined;
  /** By topic name: endpoints, true for one that has confirmed. */
  topics: Record<string, Record<string, boolean>>;
  /** Operations that are answered by AccessDenied. */
  denied: string[];
  /** Log events on a page of FilterLogEvents; each page is followed by an empty one. */
  pageSize: number;
  /** Called before a FilterLogEvents is answered. */
  beforeFilter?: (input: FilterInput, call: number) => void;
}

interface FilterInput {
  logGroupName: string;
  startTime: number;
  endTime?: number;
  filterPattern?: string;
  nextToken?: string;
}

interface Call {
  operation: string;
  input: Record<string, unknown>;
}

export const ACCOUNT = "123456789012";
const REGION = APP.region;
const STATE_BUCKET = "sst-state-example";
const PASSPHRASE = randomBytes(32);

/**
 * The few operations that the CLI calls, with the names and shapes of the services' models
 * (botocore 1.43: logs/2014-03-28, resourcegroupstaggingapi/2017-01-26, cognito-idp/2016-04-18,
 * apigatewayv2/2018-11-29, apigateway/2015-07-09, cloudfront/2020-05-31, lambda/2015-03-31,
 * sts/2011-06-15). JSON filter patterns are not evaluated: everything comes back, and the caller
 * looks again.
 */
export async function awsServer(given: Partial<FakeAccount> = {}) {
  const account: FakeAccount = {
    logGroups: [],
    functions: [],
    apis: [],
    distributions: [],
    resources: [],
    policies: [],
    userPools: [],
    throttle: { rateLimit: 10_000, burstLimit: 5000 },
    concurrency: 1000,
    reserved: {},
    tables: [],
    quotas: { "L-65B5C802": 300 },
    secrets: {},
    topics: {},
    denied: [],
    pageSize: 1000,
    ...given,
  };
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    void answer(request).then(({ status, type, body }) => {
      response.writeHead(status, { "content-type": type }).end(body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, account, calls };

  async function answer(request: IncomingMessage) {
    const body = await text(request);
    const target = request.headers["x-amz-target"];
    const path = (request.url ?? "").split("?")[0] ?? "";
    const operation = typeof target === "string" ? (target.split(".")[1] ?? "") : `${request.method} ${path}`;
    const isJson = typeof target === "string" || body.startsWith("{");
    const input = isJson ? (JSON.parse(body) as Record<string, unknown>) : {};
    calls.push({ operation, input });
    if (account.denied.includes(operation)) {
      const error = { __type: "AccessDeniedException", message: `not authorized to perform ${operation}` };
      return { status: 400, type: "application/x-amz-json-1.1", body: JSON.stringify(error) };
    }
    if (operation === "POST /" && body.includes("Action=ListSubscriptionsByTopic")) return subscriptions(body);
    if (operation.startsWith(`GET /${STATE_BUCKET}/`)) return storedSecrets();
    if (operation === "POST /") return { status: 200, type: "text/xml", body: IDENTITY };
    if (operation.startsWith("GET /2020-05-31/")) {
      const resource = new URL(request.url ?? "", "http://aws").searchParams.get("Resource");
      return { status: 200, type: "text/xml", body: cloudFront(account.distributions, operation, resource) };
    }
    const output = outputOf(operation, input);
    if (operation.startsWith("DELETE ") && !("__type" in output)) return { status: 204, type: "text/plain", body: "" };
    return { status: "__type" in output ? 400 : 200, type: "application/x-amz-json-1.1", body: JSON.stringify(output) };
  }

  function outputOf(operation: string, input: Record<string, unknown>): object {
    const named = ({ name }: FakeLogGroup) => name === input.logGroupName;
    const stages = /^GET \/v2\/apis\/(\w+)\/stages$/.exec(operation)?.[1];
    if (stages !== undefined) return { items: account.apis.find(({ id }) => id === stages)?.stages ?? [] };
    const [, method, name = ""] = /^(\w+) \/[\d-]+\/functions\/([^/]+)\/concurrency$/.exec(operation) ?? [];
    if (method !== undefined) return concurrencyOf(method, name, input);
    switch (operation) {
      case "FilterLogEvents":
        return filterLogEvents(input as unknown as FilterInput);
      case "DescribeLogGroups":
        return {
          logGroups: account.logGroups
            .filter(({ name }) => name.startsWith(String(input.logGroupNamePrefix)))
            .map(({ name, createdAt = 0 }) => ({
              logGroupName: name,
              arn: `${arnOf(name)}:*`,
              storedBytes: 5,
              creationTime: createdAt,
            })),
        };
      case "ListTagsForResource":
        return { tags: account.logGroups.find(({ name }) => arnOf(name) === input.resourceArn)?.tags ?? {} };
      case "DeleteLogGroup":
        account.logGroups = account.logGroups.filter((group) => !named(group));
        return {};
      case "DescribeResourcePolicies":
        return { resourcePolicies: account.policies };
      case "GetResources": {
        const filters = input.TagFilters as { Key: string; Values: string[] }[];
        const found = account.resources.filter(({ tags }) =>
          filters.every(({ Key, Values }) => Values.includes(tags[Key] ?? "")),
        );
        const tagsOf = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        return { ResourceTagMappingList: found.map(({ arn, tags }) => ({ ResourceARN: arn, Tags: tagsOf(tags) })) };
      }
      case "ListTables":
        return { TableNames: account.tables };
      case "GetServiceQuota":
      case "GetAWSDefaultServiceQuota": {
        const Value = account.quotas[String(input.QuotaCode)];
        return Value === undefined ? { __type: "NoSuchResourceException", message: "" } : { Quota: { Value } };
      }
      case "GetParameter": {
        const values: Record<string, string> = {
          "/sst/bootstrap": JSON.stringify({ state: STATE_BUCKET }),
          [`/sst/passphrase/${APP.name}/prod`]: PASSPHRASE.toString("base64"),
        };
        const Value = account.secrets && values[String(input.Name)];
        return Value === undefined ? { __type: "ParameterNotFound", message: "" } : { Parameter: { Value } };
      }
      case "ListUserPools":
        return { UserPools: account.userPools };
      case "DescribeUserPoolDomain":
        return { DomainDescription: account.domain?.Domain === input.Domain ? account.domain : {} };
      case "GET /v2/apis":
        return {
          items: account.apis.map(({ id, name, tags }) => ({ apiId: id, name, apiEndpoint: endpointOf(id), tags })),
        };
      case "GET /2015-03-31/functions":
        return { Functions: account.functions.map((FunctionName) => ({ FunctionName })) };
      case "GET /2016-08-19/account-settings":
        return {
          AccountLimit: {
            ConcurrentExecutions: account.concurrency,
            UnreservedConcurrentExecutions: account.concurrency,
          },
        };
      case "GET /account":
        return { throttleSettings: account.throttle };
      default:
        return { __type: "UnknownOperationException", message: operation };
    }
  }

  /** As SST writes them, by Go's crypto/cipher: nonce, ciphertext and tag of AES-256-GCM. */
  function storedSecrets() {
    if (Object.keys(account.secrets ?? {}).length === 0)
      return { status: 404, type: "application/xml", body: "<Error><Code>NoSuchKey</Code></Error>" };
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", PASSPHRASE, nonce);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(account.secrets)), cipher.final()]);
    const body = Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
    return { status: 200, type: "application/json", body };
  }

  /** https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
  function subscriptions(body: string) {
    const topic = new URLSearchParams(body).get("TopicArn")?.split(":").at(-1) ?? "";
    const endpoints = account.topics[topic];
    const type = "text/xml";
    if (endpoints === undefined) {
      const error = "<Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error>";
      return { status: 404, type, body: `<ErrorResponse>${error}</ErrorResponse>` };
    }
    const members = Object.entries(endpoints).map(([endpoint, isConfirmed]) => {
      const arn = isConfirmed ? `arn:aws:sns:${REGION}:${ACCOUNT}:${topic}:1` : "PendingConfirmation";
      return `<member><Endpoint>${endpoint}</Endpoint><SubscriptionArn>${arn}</SubscriptionArn></member>`;
    });
    const result = `<Subscriptions>${members.join("")}</Subscriptions>`;
    const action = "ListSubscriptionsByTopic";
    return {
      status: 200,
      type,
      body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
    };
  }

  /** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html */
  function concurrencyOf(method: string, name: string, { ReservedConcurrentExecutions }: Record<string, unknown>) {
    if (!account.functions.includes(name))
      return { __type: "ResourceNotFoundException", message: `Function not found: ${name}` };
    if (method === "PUT") account.reserved[name] = Number(ReservedConcurrentExecutions);
    if (method === "DELETE") delete account.reserved[name];
    return { ReservedConcurrentExecutions: account.reserved[name] };
  }

  function filterLogEvents(input: FilterInput): object {
    account.beforeFilter?.(input, calls.filter(({ operation }) => operation === "FilterLogEvents").length);
    const group = account.logGroups.find(({ name }) => name === input.logGroupName);
    if (group === undefined)
      return { __type: "ResourceNotFoundException", message: "The specified log group does not exist." };
    const { startTime, endTime = Number.POSITIVE_INFINITY, filterPattern = "", nextToken = "0" } = input;
    const [, term] = /^"(.+)"$/.exec(filterPattern) ?? [];
    const found = (group.events ?? [])
      .map((logEvent, index) => ({ eventId: `${group.name}-${index}`, ...logEvent }))
      .filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime)
      .filter(({ message }) => term === undefined || message.includes(term))
      .sort((a, b) => a.timestamp - b.timestamp);
    const page = Number(nextToken);
    const isEmpty = page % 2 === 1;
    const at = Math.floor(page / 2) * account.pageSize;
    const more = at + account.pageSize < found.length;
    return {
      events: isEmpty ? [] : found.slice(at, at + account.pageSize),
      ...(more && { nextToken: String(page + 1) }),
    };
  }
}

/** Where API Gateway puts an API. */
export function endpointOf(apiId: string): string {
  return `https://${apiId}.execute-api.${REGION}.amazonaws.com`;
}

/**
 * ListDistributions and ListTagsForResource of CloudFront, which answers XML (botocore's
 * cloudfront/2020-05-31).
 */
function cloudFront(distributions: FakeAccount["distributions"], operation: string, resource: string | null): string {
  const arn = (id: string) => `arn:aws:cloudfront::${ACCOUNT}:distribution/${id}`;
  if (operation.endsWith("/tagging")) {
    const { tags = {} } = distributions.find(({ id }) => arn(id) === resource) ?? {};
    const items = Object.entries(tags).map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`);
    return `<Tags><Items>${items.join("")}</Items></Tags>`;
  }
  const items = distributions.map(
    ({ id, comment }) =>
      `<DistributionSummary><Id>${id}</Id><ARN>${arn(id)}</ARN><DomainName>${id.toLowerCase()}.cloudfront.net` +
      `</DomainName><Comment>${comment}</Comment></DistributionSummary>`,
  );
  return `<DistributionList><IsTruncated>false</IsTruncated><Items>${items.join("")}</Items></DistributionList>`;
}

function arnOf(logGroup: string): string {
  return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${logGroup}`;
}

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::${ACCOUNT}:user/grace</Arn><UserId>AIDAEXAMPLE</UserId><Account>${ACCOUNT}</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
