import type { Resource } from "@backend/sst-graph/graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { statementsOf } from "./statements";
import { expectThat, found, raw, type View, written } from "./view";

const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
const CLOSED_ACLS = ["private", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"];

export const BUCKET_RULES: Rule[] = [
  {
    id: "bucket-closed",
    severity: "high",
    title: "A bucket blocks public access, all four ways, and refuses requests without TLS",
    reason: "One policy or ACL by mistake makes every object public.",
    fix: 'Make buckets by sst.aws.Bucket without `access: "public"`.',
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
  const isOf = (one: Resource) => pointsTo(view, one, "bucket", bucket);
  const block = view.all("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").find(isOf);
  const tls = statementsOf(view, "resource").some(
    ({ resource, effect, conditions }) =>
      isOf(resource) &&
      effect === "Deny" &&
      conditions.some(
        ({ operator, key, values }) => operator === "Bool" && key === "aws:SecureTransport" && values[0] === "false",
      ),
  );
  const ways = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
  return [
    ...(block === undefined
      ? [found(bucket, "@", "expected a public access block")]
      : ways.flatMap((way) => expectThat(view, block, way, (value) => value === true, "expected true"))),
    ...(tls ? [] : [found(bucket, "@", "expected a policy that denies requests without TLS")]),
    ...statementsOf(view, "resource").flatMap((one) => {
      if (!isOf(one.resource) || one.effect !== "Allow") return [];
      const forService = one.principals.length > 0 && one.principals.every(({ type }) => type === "Service");
      const bound = one.conditions.some(({ key }) => key === "aws:SourceArn" || key === "aws:SourceAccount");
      const reads = one.actions.length > 0 && one.actions.every((action) => action === "s3:GetObject");
      return forService && bound && reads && !one.notPrincipal
        ? []
        : [
            found(
              one.resource,
              one.path,
              "expected a service alone, in the name of this account, to read objects alone",
            ),
          ];
    }),
    ...(CLOSED_ACLS.includes(written(raw(bucket, "acl")) ?? "private")
      ? []
      : [found(bucket, "acl", "expected no ACL that lets others in")]),
  ];
}
