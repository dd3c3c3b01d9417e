import type { Plain } from "../graph";
import { ACCOUNT_ID } from "../names";
import { policyDocument } from "./policy-document";

/** What AWS would answer to a lookup that sst.config.ts makes while it is evaluated. */
export function answer(token: string, inputs: Record<string, Plain>, region: string): Record<string, Plain> {
  switch (token) {
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return policyDocument(inputs);
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", id: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:index/getRegion:getRegion":
      return { region, id: region, name: region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT_ID, id: ACCOUNT_ID, arn: `arn:aws:iam::${ACCOUNT_ID}:root`, userId: ACCOUNT_ID };
    default:
      throw new Error(
        `${token} asks AWS about something that exists only in an account: a graph cannot know the answer`,
      );
  }
}
