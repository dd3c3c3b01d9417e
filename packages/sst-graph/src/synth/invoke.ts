import type { Plain } from "../graph";
import { ACCOUNT_ID } from "../names";
import { createPolicyDocument } from "./policy-document";

/** Returns what AWS would return for a lookup during the evaluation of sst.config.ts. */
export function lookUp(token: string, inputs: Record<string, Plain>, region: string): Record<string, Plain> {
  switch (token) {
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return createPolicyDocument(inputs);
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", id: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:index/getRegion:getRegion":
      return { region, id: region, name: region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT_ID, id: ACCOUNT_ID, arn: `arn:aws:iam::${ACCOUNT_ID}:root`, userId: ACCOUNT_ID };
    default:
      throw new Error(`${token} reads from an AWS account, which a synthesis does not have`);
  }
}
