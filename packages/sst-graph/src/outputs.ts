import { type Declared, Names } from "./names";
import { ACM } from "./resources/acm";
import { APIGATEWAYV2 } from "./resources/apigatewayv2";
import { CLOUDFRONT } from "./resources/cloudfront";
import { CLOUDWATCH } from "./resources/cloudwatch";
import { COGNITO } from "./resources/cognito";
import { DYNAMODB } from "./resources/dynamodb";
import { IAM } from "./resources/iam";
import { LAMBDA } from "./resources/lambda";
import { OTHERS } from "./resources/others";
import { ROUTE53 } from "./resources/route53";
import type { Created, Row } from "./resources/row";
import { S3 } from "./resources/s3";
import { SCHEDULER } from "./resources/scheduler";
import { SNS } from "./resources/sns";
import { SQS } from "./resources/sqs";
import { WAFV2 } from "./resources/wafv2";

const ROWS: Readonly<Record<string, Row>> = {
  ...ACM,
  ...APIGATEWAYV2,
  ...CLOUDFRONT,
  ...CLOUDWATCH,
  ...COGNITO,
  ...DYNAMODB,
  ...IAM,
  ...LAMBDA,
  ...ROUTE53,
  ...S3,
  ...SCHEDULER,
  ...SNS,
  ...SQS,
  ...WAFV2,
  ...OTHERS,
};

/**
 * Generates the outputs of a resource. They have the shape of real outputs, and depend only on its
 * URN and inputs.
 *
 * @throws UnknownTypeError for a type that no file in `resources` describes
 */
export function generateOutputs(declared: Declared): Created {
  const row = Object.hasOwn(ROWS, declared.type) ? ROWS[declared.type] : undefined;
  if (row === undefined) throw new UnknownTypeError(declared.type, declared.name);
  return row(new Names(declared));
}

export class UnknownTypeError extends Error {
  override name = "UnknownTypeError";
  constructor(type: string, name: string) {
    const service = /^aws:([^/]+)\//.exec(type)?.[1] ?? "others";
    const file = `packages/sst-graph/src/resources/${service}.ts`;
    super(`"${name}" has the type ${type}, whose outputs are unknown. Add the shape of its ID and ARN to ${file}`);
  }
}
