import { ACM } from "./resources/acm";
import { APIGATEWAYV2 } from "./resources/apigatewayv2";
import { BACKUP } from "./resources/backup";
import { BUDGETS } from "./resources/budgets";
import { CLOUDFRONT } from "./resources/cloudfront";
import { CLOUDWATCH } from "./resources/cloudwatch";
import { COGNITO } from "./resources/cognito";
import type { Description } from "./resources/description";
import { DYNAMODB } from "./resources/dynamodb";
import { IAM } from "./resources/iam";
import { KMS } from "./resources/kms";
import { LAMBDA } from "./resources/lambda";
import { OTHERS } from "./resources/others";
import { ROUTE53 } from "./resources/route53";
import { S3 } from "./resources/s3";
import { SCHEDULER } from "./resources/scheduler";
import { SECRETSMANAGER } from "./resources/secretsmanager";
import { SNS } from "./resources/sns";
import { SQS } from "./resources/sqs";
import { SSM } from "./resources/ssm";
import { WAFV2 } from "./resources/wafv2";

/** Descriptions by resource type. */
const DESCRIBED: Readonly<Record<string, Description>> = {
  ...ACM,
  ...APIGATEWAYV2,
  ...BACKUP,
  ...BUDGETS,
  ...CLOUDFRONT,
  ...CLOUDWATCH,
  ...COGNITO,
  ...DYNAMODB,
  ...IAM,
  ...KMS,
  ...LAMBDA,
  ...ROUTE53,
  ...S3,
  ...SCHEDULER,
  ...SECRETSMANAGER,
  ...SNS,
  ...SQS,
  ...SSM,
  ...WAFV2,
  ...OTHERS,
};

/** Returns the description of a resource type, or undefined if it has none. */
export function descriptionOf(type: string): Description | undefined {
  return Object.hasOwn(DESCRIBED, type) ? DESCRIBED[type] : undefined;
}
