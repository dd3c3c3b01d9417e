import type { Resource } from "@backend/sst-graph/graph";
import { type Leaf, leavesOf } from "./leaves";
import type { Finding, Rule } from "./rule";
import { flag, flagUnknown, inputOf, type View } from "./view";

export const ACCOUNT_RULES: Rule[] = [
  {
    id: "no-foreign-account",
    severity: "critical",
    title: "Nothing names another AWS account",
    reason:
      "A layer, trigger, principal, destination or key of another account gives code, permissions or data " +
      "to that account.",
    fix: "Use a resource of this deployment, or waive the finding with a reason.",
    check: (view) =>
      everyLeaf(view, (resource, { path, accounts }) => {
        const foreign = accounts.filter((account) => account !== view.account);
        if (view.account === undefined && foreign.length > 0)
          return [flagUnknown(resource, path, "the deployment's own account is not known yet")];
        return foreign.map((account) => flag(resource, path, `names the account ${account}`));
      }),
  },
  {
    id: "no-foreign-bucket",
    severity: "high",
    title: "Nothing names a bucket outside the deployment",
    reason: "An S3 ARN contains no account, so anyone could own the bucket that a log or permission names.",
    fix: "Refer to a bucket of this deployment.",
    check: (view) => {
      const own = view
        .all("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
        .map((bucket) => inputOf(bucket, "bucket"));
      return everyLeaf(view, (resource, { path, buckets }) =>
        buckets.filter((name) => !own.includes(name)).map((name) => flag(resource, path, `names the bucket "${name}"`)),
      );
    },
  },
];

function everyLeaf(view: View, check: (resource: Resource, leaf: Leaf) => Finding[]): Finding[] {
  return view.graph.resources.flatMap((resource) => leavesOf(resource).flatMap((leaf) => check(resource, leaf)));
}
