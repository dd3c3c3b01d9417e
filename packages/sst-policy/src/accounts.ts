import type { Resource } from "@backend/sst-graph/graph";
import { type Leaf, leavesOf } from "./leaves";
import type { Finding, Rule } from "./rule";
import { found, raw, unknown, type View } from "./view";

export const ACCOUNT_RULES: Rule[] = [
  {
    id: "no-foreign-account",
    severity: "critical",
    title: "Nothing names an AWS account other than the deployment's",
    reason:
      "A layer, trigger, principal, destination or key of another account hands code, rights or data to whoever holds that account.",
    fix: "Use a resource of this deployment, or waive the finding with the reason.",
    check: (view) =>
      everyLeaf(view, (resource, { path, accounts }) => {
        const foreign = accounts.filter((account) => account !== view.account);
        if (view.account === undefined && foreign.length > 0)
          return [unknown(resource, path, "the deployment's own account is not known yet")];
        return foreign.map((account) => found(resource, path, `names the account ${account}`));
      }),
  },
  {
    id: "no-foreign-bucket",
    severity: "high",
    title: "Nothing names a bucket that the deployment does not make",
    reason: "An ARN of S3 has no account in it: anybody may own the bucket that a log or a grant names.",
    fix: "Refer to a bucket of this deployment.",
    check: (view) => {
      const own = view.all("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2").map((bucket) => raw(bucket, "bucket"));
      return everyLeaf(view, (resource, { path, buckets }) =>
        buckets
          .filter((name) => !own.includes(name))
          .map((name) => found(resource, path, `names the bucket "${name}"`)),
      );
    },
  },
];

function everyLeaf(view: View, check: (resource: Resource, leaf: Leaf) => Finding[]): Finding[] {
  return view.graph.resources.flatMap((resource) => leavesOf(resource).flatMap((leaf) => check(resource, leaf)));
}
