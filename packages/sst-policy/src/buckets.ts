import type { Resource } from "@backend/sst-graph/graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { statementsOf } from "./statements";
import { expectThat, flag, inputOf, textOf, type View } from "./view";

const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
const CLOSED_ACLS = ["private", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"];

export const BUCKET_RULES: Rule[] = [
  {
    id: "bucket-closed",
    severity: "high",
    title: "A bucket blocks all four kinds of public access, and rejects requests without TLS",
    reason: "One wrong policy or ACL can make every object public.",
    fix: 'Create buckets with sst.aws.Bucket, without `access: "public"`.',
    mapping: [
      "S3.5",
      "S3.8",
      "AwsSolutions-S2",
      "AwsSolutions-S10",
      "CKV_AWS_53",
      "CKV_AWS_54",
      "CKV_AWS_55",
      "CKV_AWS_56",
    ],
    check: (view) => view.all(...BUCKETS).flatMap((bucket) => bucketFindings(view, bucket)),
  },
];

function bucketFindings(view: View, bucket: Resource): Finding[] {
  const belongsToBucket = (one: Resource) => pointsTo(view, one, "bucket", bucket);
  const block = view.all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").find(belongsToBucket);
  const tls = statementsOf(view, "resource").some(
    ({ resource, effect, conditions }) =>
      belongsToBucket(resource) &&
      effect === "Deny" &&
      conditions.some(
        ({ operator, key, values }) => operator === "Bool" && key === "aws:SecureTransport" && values[0] === "false",
      ),
  );
  const settings = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
  return [
    ...(block === undefined
      ? [flag(bucket, "@", "expected a public access block")]
      : settings.flatMap((name) => expectThat(view, block, name, (value) => value === true, "expected true"))),
    ...(tls ? [] : [flag(bucket, "@", "expected a policy that denies requests without TLS")]),
    ...statementsOf(view, "resource").flatMap((one) => {
      if (!belongsToBucket(one.resource) || one.effect !== "Allow") return [];
      const forService = one.principals.length > 0 && one.principals.every(({ type }) => type === "Service");
      const bound = one.conditions.some(({ key }) => key === "aws:SourceArn" || key === "aws:SourceAccount");
      const reads = one.actions.length > 0 && one.actions.every((action) => action === "s3:GetObject");
      return forService && bound && reads && !one.notPrincipal
        ? []
        : [
            flag(
              one.resource,
              one.path,
              "expected to allow only s3:GetObject, only for a service that acts for this account",
            ),
          ];
    }),
    ...(CLOSED_ACLS.includes(textOf(inputOf(bucket, "acl")) ?? "private")
      ? []
      : [flag(bucket, "acl", "expected an ACL that gives others no access")]),
  ];
}
