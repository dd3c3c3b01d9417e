import type { Plain } from "./graph";
import { ACCOUNT_ID, type Declared, Names } from "./names";

/** What AWS would answer after creating a resource: the id, and every output that other resources may use. */
export interface Created {
  id: string;
  outputs: Record<string, Plain>;
  /** Outputs whose value is a secret. */
  secrets?: string[];
}

/**
 * The outputs of a resource, real in shape and a function of its URN and inputs only.
 * Throws an Error that names the type where the table below has no row for it.
 */
export function createdBy(declared: Declared): Created {
  const row = ROWS[declared.type];
  if (row === undefined) throw new UnknownTypeError(declared.type, declared.name);
  return row(new Names(declared));
}

export class UnknownTypeError extends Error {
  override name = "UnknownTypeError";
  constructor(type: string, name: string) {
    super(
      `"${name}" is a ${type}, a type of resource whose outputs packages/sst-graph/src/outputs.ts does not know: add a row with the shape of its id and ARN`,
    );
  }
}

type Row = (names: Names) => Created;

/** A resource that nothing else refers to by an output of its own. */
const idOnly: Row = (names) => ({ id: names.id(16), outputs: {} });
const named =
  (service: string, resource: (name: string) => string, key = "name"): Row =>
  (names) => ({ id: names.input(key), outputs: { arn: names.arn(service, resource(names.input(key))) } });
const bucketSetting: Row = (names) => ({ id: names.input("bucket"), outputs: {} });

const ROWS: Record<string, Row> = {
  "aws:acm/certificate:Certificate": (names) => {
    const arn = names.arn("acm", `certificate/${names.uuid()}`);
    const { subjectAlternativeNames: others } = names.inputs;
    const domains = [names.input("domainName"), ...(Array.isArray(others) ? others.map(String) : [])];
    const domainValidationOptions = domains.map((domainName) => ({
      domainName,
      resourceRecordName: `_${names.id(32, "hex", domainName)}.${domainName}.`,
      resourceRecordType: "CNAME",
      resourceRecordValue: `_${names.id(32, "hex", `${domainName} value`)}.acm-validations.aws.`,
    }));
    return { id: arn, outputs: { arn, domainValidationOptions } };
  },
  "aws:acm/certificateValidation:CertificateValidation": idOnly,
  "aws:apigatewayv2/api:Api": (names) => {
    const id = names.id(10);
    return {
      id,
      outputs: {
        arn: names.arn("apigateway", `/apis/${id}`, undefined, ""),
        apiEndpoint: `https://${id}.execute-api.${names.region}.amazonaws.com`,
        executionArn: names.arn("execute-api", id),
      },
    };
  },
  "aws:apigatewayv2/authorizer:Authorizer": (names) => ({ id: names.id(6), outputs: {} }),
  "aws:apigatewayv2/apiMapping:ApiMapping": (names) => ({ id: names.id(6), outputs: {} }),
  "aws:apigatewayv2/domainName:DomainName": (names) => {
    const { domainNameConfiguration } = names.inputs;
    const regional = `d-${names.id(10)}.execute-api.${names.region}.amazonaws.com`;
    return {
      id: names.input("domainName"),
      outputs: {
        arn: names.arn("apigateway", `/domainnames/${names.input("domainName")}`, undefined, ""),
        domainNameConfiguration: {
          ...(domainNameConfiguration as object),
          targetDomainName: regional,
          hostedZoneId: `Z${names.id(13, "upper")}`,
        },
      },
    };
  },
  "aws:apigatewayv2/integration:Integration": (names) => ({ id: names.id(7), outputs: {} }),
  "aws:apigatewayv2/route:Route": (names) => ({ id: names.id(7), outputs: {} }),
  "aws:apigatewayv2/stage:Stage": (names) => ({
    id: names.input("name"),
    outputs: {
      arn: names.arn("apigateway", `/apis/${names.input("apiId")}/stages/${names.input("name")}`, undefined, ""),
      executionArn: names.arn("execute-api", `${names.input("apiId")}/${names.input("name")}`),
      invokeUrl: `https://${names.input("apiId")}.execute-api.${names.region}.amazonaws.com/${names.input("name")}`,
    },
  }),
  "aws:cloudfront/cachePolicy:CachePolicy": (names) => ({ id: names.uuid(), outputs: { etag: names.id(13, "upper") } }),
  "aws:cloudfront/distribution:Distribution": (names) => {
    const id = `E${names.id(13, "upper")}`;
    return {
      id,
      outputs: {
        arn: names.arn("cloudfront", `distribution/${id}`, ""),
        domainName: `d${names.id(13)}.cloudfront.net`,
        etag: `E${names.id(12, "upper", "etag")}`,
        hostedZoneId: "Z2FDTNDATAQYW2", // CloudFront's own zone, the same for every distribution
      },
    };
  },
  "aws:cloudfront/function:Function": (names) => ({
    id: names.input("name"),
    outputs: {
      arn: names.arn("cloudfront", `function/${names.input("name")}`, ""),
      etag: `ETV${names.id(10, "upper")}`,
    },
  }),
  "aws:cloudfront/keyValueStore:KeyValueStore": (names) => ({
    id: names.uuid(),
    outputs: {
      arn: names.arn("cloudfront", `key-value-store/${names.uuid()}`, ""),
      etag: `ETV${names.id(10, "upper")}`,
    },
  }),
  "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": (names) => ({
    id: `${names.input("keyValueStoreArn")},${names.input("key")}`,
    outputs: {},
  }),
  "aws:cloudfront/originAccessControl:OriginAccessControl": (names) => ({
    id: `E${names.id(13, "upper")}`,
    outputs: {},
  }),
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": (names) => {
    const id = names.uuid();
    return {
      id,
      outputs: {
        arn: names.arn("cloudfront", `response-headers-policy/${id}`, ""),
        etag: `E${names.id(13, "upper", "etag")}`,
      },
    };
  },
  "aws:cloudwatch/logGroup:LogGroup": named("logs", (name) => `log-group:${name}`),
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": idOnly,
  "aws:cloudwatch/queryDefinition:QueryDefinition": (names) => ({
    id: names.input("name"),
    outputs: { queryDefinitionId: names.uuid() },
  }),
  "aws:cloudwatch/dashboard:Dashboard": (names) => ({
    id: names.input("dashboardName"),
    outputs: { dashboardArn: names.arn("cloudwatch", `dashboard/${names.input("dashboardName")}`, "") },
  }),
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": (names) => ({ id: names.input("name"), outputs: {} }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": named("cloudwatch", (name) => `alarm:${name}`),
  "aws:cognito/resourceServer:ResourceServer": (names) => ({
    id: `${names.input("userPoolId")}|${names.input("identifier")}`,
    outputs: {
      scopeIdentifiers: scopesOf(names).map((scope) => `${names.input("identifier")}/${scope}`),
    },
  }),
  "aws:cognito/userGroup:UserGroup": (names) => ({
    id: `${names.input("userPoolId")}/${names.input("name")}`,
    outputs: {},
  }),
  "aws:cognito/userPool:UserPool": (names) => {
    const id = `${names.region}_${names.id(9, "mixed")}`;
    return {
      id,
      outputs: {
        arn: names.arn("cognito-idp", `userpool/${id}`),
        endpoint: `cognito-idp.${names.region}.amazonaws.com/${id}`,
      },
    };
  },
  "aws:cognito/userPoolClient:UserPoolClient": (names) => ({
    id: names.id(26),
    outputs: { clientSecret: names.id(52, "lower", "secret") },
    secrets: ["clientSecret"],
  }),
  "aws:cognito/userPoolDomain:UserPoolDomain": (names) => ({
    id: names.input("domain"),
    outputs: { cloudfrontDistribution: `d${names.id(13)}.cloudfront.net` },
  }),
  "aws:dynamodb/table:Table": (names) => ({
    id: names.input("name"),
    outputs: {
      arn: names.arn("dynamodb", `table/${names.input("name")}`),
      ...(names.inputs.streamEnabled === true && {
        streamArn: names.arn("dynamodb", `table/${names.input("name")}/stream/2000-01-01T00:00:00.000`),
      }),
    },
  }),
  "aws:iam/role:Role": (names) => ({
    id: names.input("name"),
    outputs: {
      arn: names.arn("iam", `role/${names.input("name")}`, ""),
      uniqueId: `AROA${names.id(17, "upper")}`,
    },
  }),
  "aws:iam/rolePolicy:RolePolicy": idOnly,
  "aws:lambda/eventSourceMapping:EventSourceMapping": (names) => ({ id: names.uuid(), outputs: {} }),
  "aws:lambda/function:Function": (names) => {
    const arn = names.arn("lambda", `function:${names.input("name")}`);
    const invokeArn = `arn:aws:apigateway:${names.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    return {
      id: names.input("name"),
      outputs: {
        arn,
        invokeArn,
        qualifiedArn: `${arn}:$LATEST`,
        qualifiedInvokeArn: invokeArn.replace(arn, `${arn}:$LATEST`),
        version: "$LATEST",
      },
    };
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": idOnly,
  "aws:lambda/permission:Permission": idOnly,
  "aws:route53/record:Record": (names) => ({
    id: [names.input("zoneId"), names.input("name"), names.input("type")].join("_"),
    outputs: { fqdn: names.input("name") },
  }),
  "aws:s3/bucket:Bucket": bucketRow,
  "aws:s3/bucketV2:BucketV2": bucketRow,
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": bucketSetting,
  "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": bucketSetting,
  "aws:s3/bucketObjectv2:BucketObjectv2": (names) => ({
    id: names.input("key"),
    outputs: { etag: names.id(32, "hex") },
  }),
  "aws:s3/bucketPolicy:BucketPolicy": bucketSetting,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucketSetting,
  "aws:s3/bucketVersioning:BucketVersioning": bucketSetting,
  "aws:s3/bucketVersioningV2:BucketVersioningV2": bucketSetting,
  "aws:scheduler/schedule:Schedule": (names) => ({
    id: `default/${names.input("name")}`,
    outputs: { arn: names.arn("scheduler", `schedule/default/${names.input("name")}`) },
  }),
  "aws:sns/topic:Topic": (names) => {
    const arn = names.arn("sns", names.input("name"));
    return { id: arn, outputs: { arn } };
  },
  "aws:sns/topicPolicy:TopicPolicy": (names) => ({ id: names.input("arn"), outputs: {} }),
  "aws:sns/topicSubscription:TopicSubscription": (names) => {
    const arn = `${names.input("topic")}:${names.uuid()}`;
    return { id: arn, outputs: { arn } };
  },
  "aws:sqs/queue:Queue": (names) => {
    const url = `https://sqs.${names.region}.amazonaws.com/${ACCOUNT_ID}/${names.input("name")}`;
    return { id: url, outputs: { arn: names.arn("sqs", names.input("name")), url } };
  },
  "aws:wafv2/webAcl:WebAcl": (names) => ({
    id: names.uuid(),
    outputs: { arn: names.arn("wafv2", `global/webacl/${names.input("name")}/${names.uuid()}`, "us-east-1") },
  }),
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": idOnly,
  "command:local:Command": (names) => ({ id: names.id(10), outputs: { stdout: "", stderr: "" } }),
  // SST's own providers: bucket files, key-value entries, invalidations. Nothing reads what they answer.
  "pulumi-nodejs:dynamic:Resource": idOnly,
  "pulumi:providers:aws": (names) => ({ id: names.uuid(), outputs: {} }),
  "random:index/randomBytes:RandomBytes": (names) => {
    const hex = names.id(64, "hex");
    const base64 = Buffer.from(hex, "hex").toString("base64");
    return { id: base64, outputs: { base64, hex }, secrets: ["base64", "hex"] };
  },
};

function bucketRow(names: Names): Created {
  const bucket = names.input("bucket");
  return {
    id: bucket,
    outputs: {
      arn: `arn:aws:s3:::${bucket}`,
      bucketDomainName: `${bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${bucket}.s3.${names.region}.amazonaws.com`,
    },
  };
}

function scopesOf(names: Names): string[] {
  const scopes = names.inputs.scopes;
  if (!Array.isArray(scopes)) return [];
  return scopes.flatMap((scope) =>
    typeof scope === "object" && scope !== null && !Array.isArray(scope) && typeof scope.scopeName === "string"
      ? [scope.scopeName]
      : [],
  );
}
