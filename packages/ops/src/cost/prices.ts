/** A price of AWS. */
export interface Price {
  what: string;
  /** US dollars. */
  usd: number;
  /** Quantity that `usd` pays for, such as 1,000,000 requests. */
  per: number;
  unit: string;
  /** AWS's pricing page. */
  source: string;
}

/**
 * On-demand prices of us-east-1, November 2026, in the first paid tier. Free tiers are ignored.
 * Ireland is about 10 % more expensive. The prices of HTTP APIs, WAF, Cognito's machine clients and
 * CloudFront Functions were compared with published texts. The others are unverified: check them
 * before you plan a budget.
 */
export const PRICES = {
  httpApi: price("HTTP API", 1, 1e6, "requests", "https://aws.amazon.com/api-gateway/pricing/"),
  lambdaRequests: price("Lambda, invocations", 0.2, 1e6, "invocations", "https://aws.amazon.com/lambda/pricing/"),
  lambdaTime: price("Lambda, arm64", 0.0000133334, 1, "GB-seconds", "https://aws.amazon.com/lambda/pricing/"),
  logIngestion: price("CloudWatch Logs, ingestion", 0.5, 1, "GB", "https://aws.amazon.com/cloudwatch/pricing/"),
  logStorage: price("CloudWatch Logs, storage", 0.03, 1, "GB-months", "https://aws.amazon.com/cloudwatch/pricing/"),
  alarm: price("CloudWatch alarm", 0.1, 1, "metrics a month", "https://aws.amazon.com/cloudwatch/pricing/"),
  metric: price(
    "CloudWatch metric of our own",
    0.3,
    1,
    "metrics a month",
    "https://aws.amazon.com/cloudwatch/pricing/",
  ),
  dashboard: price("CloudWatch dashboard", 3, 1, "dashboards a month", "https://aws.amazon.com/cloudwatch/pricing/"),
  tableWrite: price(
    "DynamoDB, on demand",
    0.625,
    1e6,
    "write units",
    "https://aws.amazon.com/dynamodb/pricing/on-demand/",
  ),
  tableRead: price(
    "DynamoDB, on demand",
    0.125,
    1e6,
    "read units",
    "https://aws.amazon.com/dynamodb/pricing/on-demand/",
  ),
  tableStorage: price("DynamoDB, storage", 0.25, 1, "GB-months", "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
  tableRecovery: price(
    "DynamoDB, point in time",
    0.2,
    1,
    "GB-months",
    "https://aws.amazon.com/dynamodb/pricing/on-demand/",
  ),
  cdnRequests: price(
    "CloudFront, HTTPS",
    0.01,
    1e4,
    "requests",
    "https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/",
  ),
  cdnTransfer: price(
    "CloudFront, to the internet",
    0.085,
    1,
    "GB",
    "https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/",
  ),
  cdnFunctions: price(
    "CloudFront Functions",
    0.1,
    1e6,
    "invocations",
    "https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/",
  ),
  transfer: price(
    "API Gateway, to the internet",
    0.09,
    1,
    "GB",
    "https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer",
  ),
  wafAcl: price("WAF, web ACL", 5, 1, "ACLs a month", "https://aws.amazon.com/waf/pricing/"),
  wafRule: price("WAF, rule", 1, 1, "rules a month", "https://aws.amazon.com/waf/pricing/"),
  wafRequests: price("WAF", 0.6, 1e6, "requests", "https://aws.amazon.com/waf/pricing/"),
  peopleLite: price(
    "Cognito, people, tier Lite",
    0.0055,
    1,
    "active in a month",
    "https://aws.amazon.com/cognito/pricing/",
  ),
  people: price(
    "Cognito, people, tier Essentials",
    0.015,
    1,
    "active in a month",
    "https://aws.amazon.com/cognito/pricing/",
  ),
  peoplePlus: price(
    "Cognito, people, tier Plus",
    0.02,
    1,
    "active in a month",
    "https://aws.amazon.com/cognito/pricing/",
  ),
  machineClient: price("Cognito, machine client", 6, 1, "clients a month", "https://aws.amazon.com/cognito/pricing/"),
  machineToken: price("Cognito, machine tokens", 2.25, 1000, "tokens", "https://aws.amazon.com/cognito/pricing/"),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

function price(what: string, usd: number, per: number, unit: string, source: string): Price {
  return { what, usd, per, unit, source };
}
